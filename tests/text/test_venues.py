"""Where a paper appeared, by the words of its authors: accepted, to appear, alone; and what says nothing of the kind."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from newsletter.text.venues import LONGEST, venue_of

SAID = {
    # accepted, in any of the words for it
    "Accepted at ICRA 2026": "ICRA 2026",
    "12 pages, 5 figures. Accepted to ECCV 2026. Code: https://github.com/a/b": "ECCV 2026",
    "Acccepted in ECCV 2026": "ECCV 2026",
    "This work has been accepted by ICIP2026!": "ICIP 2026",
    "ECCV 2026 Accepted": "ECCV 2026",
    "To appear in the Proceedings of ACL, 2026": "ACL 2026",
    "Presented at KDD'26": "KDD 2026",
    "camera-ready version, NeurIPS 2025": "NeurIPS 2025",
    # alone between commas
    "CVPR 2026": "CVPR 2026",
    "SIGGRAPH 2026, Project page: https://x.github.io/y-CVPR2024/": "SIGGRAPH 2026",
    "18 pages, 12 figures, in ECML_PKDD'26": "ECML-PKDD 2026",
    "ACL 2026 Findings": "ACL 2026 Findings",
    "Accepted to Findings of ACL 2026": "ACL 2026 Findings",
    # spelt out, with its letters in brackets
    "Accepted at The 19th European Conference on Computer Vision (ECCV), 2026": "ECCV 2026",
    "accepted for publication in the 2026 IEEE International Conference on Automation Science and Engineering (CASE)": "CASE 2026",
    # workshops are not the conference
    "Accepted at the ICLR 2026 Workshop on LLM Reasoning. 13 pages": "ICLR 2026 workshop",
    "Accepted at EIML@ICML 2026": "ICML 2026 workshop",
    "Accepted to the 4th Workshop on NLP (C3NLP) @ ACL 2026": "ACL 2026 workshop",
    # journals
    "Accepted for TMLR, https://openreview.net/forum?id=x": "TMLR",
    "Accepted by IEEE Transactions on Communications": "IEEE Transactions on Communications",
    "Accepted for publication in IEEE Robotics and Automation Letters (RA-L), 2026": "RA-L 2026",
    # only hoped for, refused, or another paper
    "Submitted to EMNLP 2026": "",
    "Under review at COLM 2026 (Conference)": "",
    "NeurIPS 2026 submission. 15 pages": "",
    "Rejected from ICML 2026": "",
    "Extended version of the paper accepted at ECCV 2026": "",
    "4th place in ICRA 2026 GOOSE 2D Semantic Segmentation Challenge": "",
    "12 pages, 8 figures. NeurIPS 2024 format": "",
    # names and numbers that are no venue, and where a thesis was handed in
    "12 pages, COVID-19": "",
    "CIFAR-10, 5 pages": "",
    "CERN-TH-2026": "",
    "MPP-2026-12, 20 pages": "",
    "22 pages, 4 figures, LaTeX 2026": "",
    "PhD thesis, EPFL 2026": "",
    "MSc thesis, MIT 2025": "",
    "10 pages, JWST 2025 data": "",
    "Accepted by J. Virology, COVID-19 issue": "",
    "Presented at CERN, 2026": "",
    "Accepted at AGI-25": "AGI 2025",
    "EIML@ICML 2026": "ICML 2026 workshop",
    # how a paper was taken, years glued on, names in full, journals and meetings by their titles; and what is none of these
    "Published as a conference paper at ICLR 2025": "ICLR 2025",
    "accepted to ICML 2026 as a conference paper": "ICML 2026",
    "Accepted as a full paper at RecSys 2026": "RecSys 2026",
    "Short paper accepted at SIGIR 2026": "SIGIR 2026",
    "Accepted by ECCV26": "ECCV 2026",
    "CVPR25 highlight": "CVPR 2025",
    "To appear at ACL 2026 (submitted via ARR)": "ACL 2026",
    "To appear in EMNLP 2026 Findings (via ARR submission of May)": "EMNLP 2026 Findings",
    "2026 IEEE International Conference on Robotics and Automation(ICRA)": "ICRA 2026",
    "European Conference on Computer Vision(ECCV)": "ECCV",
    "Accepted by 2026 IEEE International Conference on Acoustics, Speech and Signal Processing": "ICASSP 2026",
    "International Conference on Artificial Neural Networks 2026": "ICANN 2026",
    "Accepted at the 2025 Conference on Empirical Methods in Natural Language Processing": "EMNLP 2025",
    "SIGGRAPH Conference Papers 2026. 11 pages": "SIGGRAPH 2026",
    "SIGGRAPH Asia 2025 (Conference Track)": "SIGGRAPH Asia 2025",
    "Accepted to ECML PKDD 2026, Applied Data Science track": "ECML-PKDD 2026",
    "Accept in the EXPLIMED workshop in IJCAI 2026": "IJCAI 2026 workshop",
    "ICML Workshop New Frontiers in Game-Theoretic Learning-NExT-Game": "ICML workshop",
    "Accepted for publication in Quantum Information Processing": "Quantum Information Processing",
    "accepted in Physica B (2025)": "Physica B 2025",
    "Accepted by Sensors": "Sensors",
    "Published in Universe": "Universe",
    "Accepted to publication in Entropy on June 24, 2026": "Entropy 2026",
    "to appear in IEEE Network": "IEEE Network",
    "Accepted to the Annals of Mathematics and Artificial Intelligence journal": "",
    "Published in IEEE Transactions on Neural Systems and Rehabilitation Engineering, 2026": "",
    "SOICT 2025": "SOICT 2025",
    "Accepted to the IEEE SPAWC conference 2026": "SPAWC 2026",
    "The 4th International Conference on Computational and Data Sciences in Economics and Finance (CDEF 2026)": "CDEF 2026",
    "Poster paper accepted at 47th IEEE Security & Privacy 2026": "",
    "Conference version appeared in SAGT 2025": "",
    "Extended version of our conference paper at ICRA 2024": "",
    "Submitted as a conference paper to NeurIPS 2026": "",
    "The conference paper of this work was published at ICSE 2024": "",
    "Preprint submitted to the International Journal of Wildland Fire": "",
    "Accepted with minor revisions": "",
    "Accepted in its final form": "",
    "Published in English": "",
    "Accepted for publication": "",
    "accepted manuscript": "",
    "IEEE conference format": "",
    "Published as a workshop paper at ICLR 2026": "ICLR 2026 workshop",
    "Accepted as a short paper to UMAP 2026": "UMAP 2026",
    "NeurIPS25 spotlight": "NeurIPS 2025",
    "accepted at AAAI26 main track": "AAAI 2026",
    "Accepted at EACL 2026 (submitted in the October cycle)": "EACL 2026",
    "IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)": "CVPR",
    "to be published in the 39th Conference on Neural Information Processing Systems (2025)": "NeurIPS 2025",
    "Accepted at the International Conference on Learning Representations, 2026": "ICLR 2026",
    "The 64th Annual Meeting of the Association for Computational Linguistics, 2026": "ACL 2026",
    "Accepted to IEEE/RSJ International Conference on Intelligent Robots and Systems 2026": "IROS 2026",
    "Accepted at SIGGRAPH Asia 2026": "SIGGRAPH Asia 2026",
    "Published in Physical Review Letters": "Physical Review Letters",
    "Accepted for publication in Nature Physics": "Nature Physics",
    "Accepted by Pattern Recognition": "Pattern Recognition",
    "To appear in the Journal of Machine Learning Research": "Journal of Machine Learning Research",
    "accepted for publication in Monthly Notices of the Royal Astronomical Society": "",
    "Accepted in Information Fusion, 2026": "Information Fusion 2026",
    "MobiSys 2026": "MobiSys 2026",
    "Journal version of our AAAI 2025 paper": "",
    "A preliminary version of this paper appeared in STOC 2025": "",
    "Accepted by the editor": "",
    "Presented in Paris, France": "",
    # nothing at all
    "15 pages, 5 figures, 7 tables. Code available at https://github.com/CVPR2026/x": "",
    "originally written in 2022": "",
    "": "",
    "()[]@@''2026 \u202e (": "",
}


@pytest.mark.parametrize("comment", SAID)
def test_the_venue_is_what_the_comment_says(comment: str) -> None:
    assert venue_of(comment) == SAID[comment]


@pytest.mark.parametrize(
    ("reference", "venue"),
    [
        ("Phys. Rev. D 112, 103512 (2025)", "Phys. Rev. D 2025"),
        ("Proc. of AAAI 2026, pp. 1-9", "AAAI 2026"),
        ("vol. 3", ""),
        ("", ""),
    ],
)
def test_a_reference_to_a_journal_names_it_where_the_comment_does_not(reference: str, venue: str) -> None:
    assert venue_of("", reference) == venue
    assert venue_of("CVPR 2026", reference) == "CVPR 2026"


def test_of_the_recorded_comments_that_say_accepted_nearly_all_name_their_venue(shared_data: Path) -> None:
    comments = set()
    for path in (shared_data / "arxiv").glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            comments |= {json.loads(line).get("comment") or "" for line in lines}
    found = {comment: venue_of(comment) for comment in comments}
    accepted = [comment for comment in comments if "accepted" in comment.lower()]
    assert sum(bool(found[comment]) for comment in accepted) >= 0.95 * len(accepted) > 0
    assert all(len(venue) <= LONGEST + len(" workshop") for venue in found.values())
    hoped = [comment for comment in comments if comment.lower().startswith(("submitted to", "under review"))]
    assert not [comment for comment in hoped if found[comment]]
