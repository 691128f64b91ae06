"""Pages of made-up collections, small enough to count by eye."""

NOTEBOOK = """\
**Things worth a look.** Edit freely.
> Keep the headings.

# Motion
Everything that moves.

## Walking
### [Walking Lights: Gait from Shadows](https://arxiv.org/abs/2606.26101v2)[2026年6月27日]
![](https://example.org/gait.png =50%x)
[lights/gait](https://github.com/lights/gait)
[Demo](https://lights.example.org)
#### 摘要
**先看這一句。**
我們從影子學習步態，並且在三個資料集上證明這個方法優於現有的模型。
* 第一
    * 更深

---------

### [A Title That Breaks
](https://example.org/breaks)
![](https://example.org/a.png =80%x)[owner/code](https://github.com/owner/code)

#### Abstract
We walk.

------
The next two do not get along.
### [Standing Still](https://example.org/still)[CVPR 2019]
| Shoe | Steps |
| ---- | ----- |
| left | 7 |

[Download](https://example.org/weights)
#### Abstract
We stand.

---

# Only words
Read [this](https://example.org/words) one day.

---

## Data
### [A Data Set](https://huggingface.co/datasets/a/b)[2023年8月22]
#### Abstract
Many steps.
"""

ENGLISH = """\
# Reading list

Everything here was read by somebody.

## Robots

#### 1. [Grip](https://arxiv.org/pdf/2606.00001) (ICRA 2026)
<img src="https://example.org/grip.png" width="300">
Code: [here](https://example.org/git/grip)

##### Abstract
It grips.

##### Why we like it
It never lets go.

#### Push, Pull and Shove [[paper](https://example.org/push)] [June 2025]
**Abstract**

It shoves.

#### No link at all [2024-03]
TL;DR: nothing to follow.

## Empty
"""
