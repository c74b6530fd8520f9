"""Real data to learn from, with what they are, where they come from and on what terms.

Most come inside packages, those of the extra ``data`` (``pip install 'lecturelib[data]'``), or
with Python itself; nothing is downloaded for them, and each function imports only the package
that it reads from.

========================  ===============================  ==================================
function                  gives                            source; terms
========================  ===============================  ==================================
`load_digits`             1797 images (1, 8, 8)            scikit-learn; CC BY 4.0
`load_faces`              200 images (1, 25, 25)           scikit-image; none stated
`load_textures`           768 patches (1, 32, 32)          scikit-image; CC0
`load_picture`            photographs (C, H, W)            scikit-learn, scikit-image;
                                                           CC BY 2.0, CC0, public domain
`load_python_docs`        79 English texts (Python 3.11)   Python; PSF licence
`load_python_sources`     some 160 programs                Python; PSF licence
`date_pairs`              dates in thirty languages        babel; Unicode licence v3
`load_tunes`              1045 to 1837 folk tunes          music21; music free, see there
========================  ===============================  ==================================

Three are downloaded when they are first asked for, by pooch, and checked by SHA-256; nothing in
the book or the homework needs them.

========================  ===============================  ==================================
`load_mnist`              60,000 + 10,000 (1, 28, 28)      LeCun et al.; CC BY-SA 3.0
`load_fashion_mnist`      60,000 + 10,000 (1, 28, 28)      Zalando; MIT licence
`load_tiny_shakespeare`   1,115,394 characters             Karpathy; public domain, MIT licence
========================  ===============================  ==================================

They are kept in the folder that the environment variable ``LECTURELIB_DATA`` names, else in the
system's folder for caches, and taken from there ever after. A download that breaks off goes on
from there at the next call. ``LECTURELIB_MIRROR`` may name another address to take them from,
such as that of a colleague's folder served by ``python -m http.server``: the files lie there as
they lie in the cache folder.

All images are float32 from 0 to 1, channels first; all labels are int64, counted from 0. The
arrays are fresh at each call and may be changed. More about each stands in its docstring.
"""

from lecturelib.datasets import _dates, _texts
from lecturelib.datasets._dates import DatePair, date_pairs
from lecturelib.datasets._images import (
    LabelledImages,
    load_digits,
    load_faces,
    load_textures,
)
from lecturelib.datasets._mnist import load_fashion_mnist, load_mnist
from lecturelib.datasets._pictures import available_pictures, load_picture
from lecturelib.datasets._texts import (
    label_python,
    load_python_docs,
    load_python_sources,
    load_tiny_shakespeare,
)
from lecturelib.datasets._tunes import Tune, load_tunes

__all__ = [
    "LOCALES",
    "PYTHON_CLASSES",
    "DatePair",
    "LabelledImages",
    "Tune",
    "available_pictures",
    "date_pairs",
    "label_python",
    "load_digits",
    "load_faces",
    "load_fashion_mnist",
    "load_mnist",
    "load_picture",
    "load_python_docs",
    "load_python_sources",
    "load_textures",
    "load_tiny_shakespeare",
    "load_tunes",
]

#: The languages of `date_pairs`, thirty, as CLDR names them.
LOCALES = _dates.LOCALES

#: What a character of a program may be: the names of the labels of `label_python`, in their order.
PYTHON_CLASSES = _texts.PYTHON_CLASSES
