"""Names of conferences and journals as authors write them beside a paper: letters, and what they stand for. Pure."""

from __future__ import annotations

import re

# Named with or without a year; a workshop is held at one of these. Names of one capital cannot be told from words otherwise.
_CONFERENCES = """
AAAI AAMAS ACL AGI AISTATS ASPLOS BMVC CAV CCS CHI CIKM CoLM COLM COLING COLT CoRL CVPR DAC EACL ECAI ECCV ECIR ECML EMNLP FAccT
FOCS FSE HPCA ICALP ICANN ICASSP ICCAD ICCP ICCV ICDAR ICDE ICDM ICIP ICLR ICME ICML ICPR ICRA ICSE ICWSM IJCAI IJCNN ICAPS
INTERSPEECH Interspeech IROS ISBI ISCA ISIT ISMIR ISSTA IUI KDD KR LICS LREC MICCAI MICRO MIDL MLSys MobiCom NAACL NDSS
NeurIPS NIPS NSDI OOPSLA OSDI PAKDD PLDI POPL PODC RecSys RSS SC SDM SemEval SIGCOMM SIGGRAPH SIGIR SIGMOD SIGSPATIAL SOCG
SODA SOSP STOC TheWebConf UAI UIST USENIX VLDB WACV WSDM WWW 3DV
"""
CONFERENCES = frozenset(_CONFERENCES.split())
_JOURNALS = "IJCV IJRR JAIR JMLR RA-L RAL T-PAMI TACL TASLP TIP TIST TKDE TMLR TNNLS TOG TOIS TOSEM TPAMI TVCG"
JOURNALS = frozenset(_JOURNALS.split())
# Journals of one word, which is an ordinary one elsewhere.
_ONE_WORD_JOURNALS = """
Algorithms Bioinformatics Biometrika Cell Cells Chaos Cognition Cryptography Diagnostics Drones Electronics Energies Entropy
Geophysics Information Machines Mathematics Measurement Nature Neurocomputing NeuroImage Neuron Optica Patterns Quantum Robotica
Robotics Science Sensors Signals Symmetry Synthese Technologies Universe eLife
"""
ONE_WORD_JOURNALS = frozenset(_ONE_WORD_JOURNALS.split())
# What a meeting calls itself, behind "Conference on" or the like; the longest first.
SPELT_OUT = {
    "applications of computer vision": "WACV",
    "computer vision and pattern recognition": "CVPR",
    "european conference on computer vision": "ECCV",
    "international conference on computer vision": "ICCV",
    "3d vision": "3DV",
    "british machine vision": "BMVC",
    "acoustics, speech,? and signal processing": "ICASSP",
    "medical image computing and computer[- ]assisted intervention": "MICCAI",
    "biomedical imaging": "ISBI",
    "document analysis and recognition": "ICDAR",
    "conference on image processing": "ICIP",
    "conference on pattern recognition": "ICPR",
    "conference on multimedia and expo": "ICME",
    "artificial neural networks": "ICANN",
    "joint conference on neural networks": "IJCNN",
    "robotics and automation": "ICRA",
    "intelligent robots and systems": "IROS",
    "robot learning": "CoRL",
    "learning representations": "ICLR",
    "neural information processing systems": "NeurIPS",
    "conference on machine learning": "ICML",
    "artificial intelligence and statistics": "AISTATS",
    "uncertainty in artificial intelligence": "UAI",
    "joint conferences? on artificial intelligence": "IJCAI",
    "aaai conference on artificial intelligence": "AAAI",
    "autonomous agents and multi-?agent systems": "AAMAS",
    "knowledge discovery and data mining": "KDD",
    "information and knowledge management": "CIKM",
    "web search and data mining": "WSDM",
    "conference on data mining": "ICDM",
    "conference on data engineering": "ICDE",
    "management of data": "SIGMOD",
    "research and development in information retrieval": "SIGIR",
    "recommender systems": "RecSys",
    "empirical methods in natural language processing": "EMNLP",
    "nations of the americas chapter of the association for computational linguistics": "NAACL",
    "north american chapter of the association for computational linguistics": "NAACL",
    "european chapter of the association for computational linguistics": "EACL",
    "annual meeting of the association for computational linguistics": "ACL",
    "conference on computational linguistics": "COLING",
    "human factors in computing systems": "CHI",
    "user interface software and technology": "UIST",
    "conference on software engineering": "ICSE",
    "symposium on information theory": "ISIT",
}
# Names in two words, or of whoever holds the meeting, as one that a year may follow.
TOGETHER = (
    (re.compile(r"\bECML[ /&]+PKDD\b"), "ECML-PKDD"),
    (re.compile(r"\bSIGGRAPH Asia\b", re.IGNORECASE), "SIGGRAPH-Asia"),
)
# Capitals that name no venue.
_OTHERS = "ACM AI AR ARR CA CV CVF DOI GPU IEEE IFIP LLM LLMS ML NLP NSF OSF PAGES PDF SPIE SSRN UK US USA USENIX VR WORKSHOP"
_INSTITUTES_AND_DATA = "CERN CIFAR COVID DESY EPFL ETH ETHZ FERMILAB KAIST LATEX MIT MNIST MSC NASA PHD SARS SLAC UCL UCLA"
NO_VENUE = frozenset((*_OTHERS.split(), *_INSTITUTES_AND_DATA.split()))
