/* outline.h: a text of headings, paragraphs, tables and equations, written for a terminal, as
   Markdown with formulas that GitHub sets, or as a piece of LaTeX to be pasted into a paper. */
#ifndef DYN_REPORT_OUTLINE_H
#define DYN_REPORT_OUTLINE_H

#include "report/body.h"

typedef enum OutlineFormat { OUTLINE_TEXT, OUTLINE_MARKDOWN, OUTLINE_LATEX } OutlineFormat;

typedef struct Outline {
  Text text;
  OutlineFormat as;
} Outline;

/* The notation of the format's formulas. */
Notation outline_notation(const Outline *o);

void outline_heading(Outline *o, int level, const char *text); /* level 1 to 3; plain text */
void outline_code_heading(Outline *o, int level, const char *kind, const char *code);
/* Paragraphs of a doc comment: blank lines part them, `code` is marked. */
void outline_doc(Outline *o, const char *doc);
void outline_code(Outline *o, const char *code); /* lines as they are */
void outline_lines(Outline *o, const BodyLine *lines, size_t n);

/* Parts of lines and cells of tables, ready for the format. */
const char *outline_plain(const Outline *o, const char *text); /* any text */
const char *outline_named(const Outline *o, const char *name); /* code as it is typed */
const char *outline_formula(const Outline *o, const char *formula);

/* A table: `cells` are those of the head, then row by row; a column that is empty below its head is
   left out. */
void outline_table(Outline *o, const char *const *cells, size_t rows, int columns);

#endif
