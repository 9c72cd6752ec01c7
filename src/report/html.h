/* html.h: report.html, one page that stands alone: no script, no font, no picture from elsewhere.
   What its sections share. */
#ifndef DYN_REPORT_HTML_H
#define DYN_REPORT_HTML_H

#include "base/text.h"
#include "report/figures.h"
#include "report/report.h"

typedef struct Page {
  Ev *ev;
  Arena *arena;
  Text out;
  const RunInfo *info;
  const Figures *figures;
  const char *folder; /* where figures/ lies */
} Page;

void page_add(Page *p, const char *markup);
void page_printf(Page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_escaped(Page *p, const char *text);
/* Paragraphs of a doc comment; blank lines part them, `code` is marked. */
void page_doc(Page *p, const char *doc);
/* A heading with an anchor. */
void page_section(Page *p, const char *id, const char *title);
/* "model.dyn:12", or "" */
const char *page_place(Page *p, Where at);
bool page_lies_in(Where at, const Ast *x);
/* html_network.c: what the networks of the model are made of. */
void html_networks(Page *p);
/* html_weights.c: an array in numbers: cells of a row of the table that the next begins. */
void html_weights_head(Page *p);
void html_weights_row(Page *p, const char *name, const char *role, const Value *v);
/* html_diagram.c: populations as circles, connections as arrows; nothing where there are none.
   `made`: a network made from the declaration, or NULL. */
void html_diagram(Page *p, const Ast *network, Value *made);
/* html_run.c: how the run went: claims, warnings, timing, provenance. */
void html_claims(Page *p, const Ast *section); /* NULL: those that stand in no analysis */
void html_warnings(Page *p);
void html_timing(Page *p);
void html_provenance(Page *p);

extern const char html_style[];

#endif
