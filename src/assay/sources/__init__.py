"""Files in, Examples out, and back: one reader for every usual format and shape, one writer that undoes it.

read(path)            one file -> Read (examples, problems, shape, format, rows)
read_all(path)        a file, a folder or a glob -> one Read a file
write(examples, path, like)   examples -> a file of the same format and shape as the one they were read from
read_documents(path)  text and Markdown -> Documents
reference_lines(root, entries, key)   what says what a dataset is about -> texts
"""

from assay.sources.documents import read_documents
from assay.sources.formats import Format
from assay.sources.reading import Read, distinct, files_of, others_in, read, read_all
from assay.sources.reference import reference_lines
from assay.sources.shapes import SHAPES, Shape
from assay.sources.writing import write

__all__ = [
    "SHAPES",
    "Format",
    "Read",
    "Shape",
    "distinct",
    "files_of",
    "others_in",
    "read",
    "read_all",
    "read_documents",
    "reference_lines",
    "write",
]
