"""An agreement as a document: one tree of words, shown on screen, as PDF and as Word.

`content.document_of(edition, languages)` builds the tree; `pdf.render_pdf` and `word.render_docx` print it.
None of them knows of a request, and the same edition gives the same bytes.
"""
