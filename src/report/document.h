/* document.h: the declarations of a file as their `##` comments describe them. */
#ifndef DYN_REPORT_DOCUMENT_H
#define DYN_REPORT_DOCUMENT_H

#include "report/outline.h"

/* Adds a chapter on the file: signatures with defaults and units, comments, inputs, states and
   outputs, and the lines that use each. Headings begin at `level`. */
void document_file(Outline *o, const Ast *file, const char *title, int level);

#endif
