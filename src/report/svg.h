/* svg.h: drawings as they come from gnuplot, made fit for people: smaller, with fonts that every
   system has, and, inside a page, in the page's own colour of text. */
#ifndef DYN_REPORT_SVG_H
#define DYN_REPORT_SVG_H

#include "base/arena.h"

/* A file of its own. `title` may be NULL. */
const char *svg_for_file(Arena *a, const char *svg, const char *title);
/* A part of a page; ids begin with `prefix`, `label` says what is to be seen. */
const char *svg_for_page(Arena *a, const char *svg, const char *prefix, const char *label);

/* Text as it stands in HTML and XML, quotes included. */
const char *markup_escape(Arena *a, const char *text);

#endif
