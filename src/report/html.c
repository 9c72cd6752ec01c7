/* html.c: the page from its title to its foot. */
#include "report/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "lang/core.h"
#include "report/label.h"
#include "report/svg.h"
#include "syntax/parse.h"

/* ---- what sections share --------------------------------------------------------------------- */

void page_add(Page *p, const char *markup) {
  text_add(&p->out, markup);
}

void page_printf(Page *p, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  text_add(&p->out, arena_vprintf(p->arena, fmt, ap));
  va_end(ap);
}

void page_escaped(Page *p, const char *text) {
  text_add(&p->out, markup_escape(p->arena, text));
}

/* One line of a doc comment: what stands between ` and ` is code. */
static void put_marked(Page *p, const char *text, size_t n) {
  bool code = false;
  while (n) {
    const char *tick = memchr(text, '`', n);
    size_t part = tick ? (size_t)(tick - text) : n;
    page_escaped(p, arena_strndup(p->arena, text, part));
    if (!tick) break;
    page_add(p, code ? "</code>" : "<code>");
    code = !code;
    text += part + 1;
    n -= part + 1;
  }
  if (code) page_add(p, "</code>");
}

void page_doc(Page *p, const char *doc) {
  if (!doc || !*doc) return;
  page_add(p, "<p>");
  while (*doc) {
    size_t n = strcspn(doc, "\n");
    if (n == 0)
      page_add(p, "</p><p>");
    else
      put_marked(p, doc, n);
    doc += n;
    if (*doc) page_add(p, "\n"), doc++;
  }
  page_add(p, "</p>\n");
}

void page_section(Page *p, const char *id, const char *title) {
  page_printf(p, "<h2 id=\"%s\">%s</h2>\n", id, title);
}

const char *page_place(Page *p, Where at) {
  int line, column;
  if (!at.src) return "";
  source_line_col(at.src, at.span.start, &line, &column);
  const char *slash = strrchr(at.src->name, '/');
  return arena_printf(p->arena, "%s:%d", slash ? slash + 1 : at.src->name, line);
}

bool page_lies_in(Where at, const Ast *x) {
  return at.src == x->src && at.span.start >= x->span.start && at.span.end <= x->span.end;
}

/* ---- head ------------------------------------------------------------------------------------ */

static const char *file_doc(const Page *p) {
  const Ast *file = p->ev->main_file;
  return file && file->doc ? file->doc : "";
}

/* The first sentence of the file's comment, or the file's name. */
static const char *page_title(Page *p) {
  const char *title = label_title(p->arena, file_doc(p));
  return *title ? title : path_stem(p->arena, p->ev->main_source->name);
}

static const char *duration_text(Arena *a, double seconds) {
  if (seconds < 1) return arena_printf(a, "%.3g ms", 1e3 * seconds);
  if (seconds < 120) return arena_printf(a, "%.3g s", seconds);
  int minutes = (int)(seconds / 60);
  if (minutes < 120)
    return arena_printf(a, "%d min %d s", minutes, (int)(seconds - 60.0 * minutes));
  return arena_printf(a, "%d h %d min", minutes / 60, minutes % 60);
}

static void put_facts(Page *p) {
  const Ev *ev = p->ev;
  size_t held = 0;
  char when[40];
  time_t started = (time_t)p->info->started;
  struct tm local;
  strftime(when, sizeof when, "%Y-%m-%d %H:%M", localtime_r(&started, &local));
  for (size_t i = 0; i < ev->claims.n; i++) held += ev->claims.at[i].held;
  page_add(p, "<ul class=\"facts\">");
  if (ev->claims.n)
    page_printf(p, "<li class=\"%s\">%zu of %zu claim%s hold%s</li>",
                held == ev->claims.n ? "good" : "bad", held, ev->claims.n,
                ev->claims.n == 1 ? "" : "s", held == 1 ? "s" : "");
  if (ev->failed || ev->diag->errors) page_add(p, "<li class=\"bad\">a statement failed</li>");
  page_printf(p, "<li>%s</li><li>took %s</li><li>seed %llu</li>", when,
              duration_text(p->arena, p->info->seconds), (unsigned long long)ev->seed);
  for (size_t i = 0; i < ev->params.n; i++) {
    if (!ev->params.at[i].set_from) continue;
    page_add(p, "<li>");
    page_escaped(p, arena_printf(p->arena, "%s = %s", ev->params.at[i].name,
                                 value_line(p->ev, ev->params.at[i].value)));
    page_add(p, "</li>");
  }
  page_add(p, "</ul>\n");
}

static void put_head(Page *p) {
  const char *title = markup_escape(p->arena, page_title(p)),
             *doc = label_after_title(p->arena, file_doc(p));
  page_add(p,
           "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'; img-src data:\">\n");
  page_printf(p, "<title>%s</title>\n<style>%s</style></head>\n<body><main>\n<h1>%s</h1>\n", title,
              html_style, title);
  if (*doc) {
    page_add(p, "<div class=\"lead\">");
    page_doc(p, doc);
    page_add(p, "</div>\n");
  }
  put_facts(p);
}

/* ---- figures --------------------------------------------------------------------------------- */

static void put_figure(Page *p, size_t i) {
  const Figure *f = p->figures->at[i];
  Arena *a = p->arena;
  const char *name = arena_printf(a, "figures/%s.svg", f->name), *title = figure_title(f), *ignored;
  char *svg = NULL;
  size_t n;
  page_printf(p, "<figure id=\"%s\">", markup_escape(a, f->name));
  if (file_read(a, path_join(a, p->folder, name), &svg, &n, &ignored) && strstr(svg, "</svg>"))
    page_add(p, svg_for_page(a, svg, arena_printf(a, "f%zu-", i + 1), title ? title : f->name));
  else
    page_add(p, "<p class=\"warn\">This figure was not drawn.</p>");
  page_printf(p, "<figcaption>Figure %zu. ", i + 1);
  if (title) page_printf(p, "%s. ", markup_escape(a, title));
  page_printf(p, "<a href=\"%s\">%s</a>, %s</figcaption></figure>\n", markup_escape(a, name),
              markup_escape(a, name), markup_escape(a, page_place(p, f->at)));
}

static bool has_figures(const Page *p, const Ast *section) {
  for (size_t i = 0; i < p->figures->n; i++)
    if (p->figures->at[i]->section == section) return true;
  return false;
}

static void put_figures(Page *p, const Ast *section) {
  for (size_t i = 0; i < p->figures->n; i++)
    if (p->figures->at[i]->section == section) put_figure(p, i);
}

/* ---- analyses -------------------------------------------------------------------------------- */

static bool was_called(const Page *p, const Ast *analysis) {
  bool called = has_figures(p, analysis);
  for (size_t i = 0; i < p->ev->claims.n; i++)
    called = called || page_lies_in(p->ev->claims.at[i].at, analysis);
  return called;
}

/* `let fit = analysis(...)`: what it gave, under its name. */
static void put_outcome(Page *p, const Ast *item, const Ast *analysis) {
  const Ast *call = item->kind == AST_ITEM ? item->kids[0] : NULL;
  bool ours = call && call->kind == AST_CALL && call->kids[0]->kind == AST_NAME &&
              strcmp(call->kids[0]->name, analysis->name) == 0;
  const Value *v = ours ? scope_find(p->ev->top, item->name) : NULL;
  if (!v || v->kind != V_RECORD) return;
  page_printf(p, "<div class=\"scroll\"><table><tr><th>%s</th><th></th></tr>\n",
              markup_escape(p->arena, ast_print(p->arena, call)));
  for (int i = 0; i < v->nfields; i++)
    page_printf(p, "<tr><td><code>%s.%s</code></td><td>%s</td></tr>\n", item->name,
                v->fields[i].name, markup_escape(p->arena, value_line(p->ev, v->fields[i].value)));
  page_add(p, "</table></div>\n");
}

static void put_outcomes(Page *p, const Ast *file, const Ast *analysis) {
  for (uint32_t i = 0; i < file->nkids; i++)
    for (uint32_t k = 0; file->kids[i]->kind == AST_LET && k < file->kids[i]->nkids; k++)
      put_outcome(p, file->kids[i]->kids[k], analysis);
}

static void put_analyses(Page *p) {
  const Ast *file = p->ev->main_file;
  for (uint32_t i = 0; file && i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    if (s->kind != AST_ANALYSIS || !was_called(p, s)) continue;
    page_printf(p, "<h2 id=\"analysis-%s\">Analysis: %s</h2>\n", s->name, s->name);
    page_doc(p, s->doc);
    html_claims(p, s);
    put_outcomes(p, file, s);
    put_figures(p, s);
  }
}

/* ---- parameters ------------------------------------------------------------------------------ */

static void put_param(Page *p, const Param *param, bool defaults) {
  page_printf(p, "<tr><td><code>%s</code></td><td class=\"n\">",
              markup_escape(p->arena, param->name));
  page_escaped(p, value_line(p->ev, param->value));
  page_add(p, "</td><td class=\"n soft\">");
  if (param->lo)
    page_escaped(p, arena_printf(p->arena, "%s to %s", value_line(p->ev, param->lo),
                                 value_line(p->ev, param->hi)));
  if (defaults) page_add(p, "</td><td class=\"n soft\">");
  if (defaults && param->set_from) page_escaped(p, value_line(p->ev, param->dflt));
  page_add(p, "</td><td>");
  page_doc(p, param->doc);
  page_add(p, "</td></tr>\n");
}

static void put_params(Page *p) {
  const Ev *ev = p->ev;
  bool defaults = false; /* some differ from them */
  if (!ev->params.n) return;
  for (size_t i = 0; i < ev->params.n; i++) defaults = defaults || ev->params.at[i].set_from;
  page_section(p, "parameters", "Parameters");
  page_printf(p,
              "<div class=\"scroll\"><table><tr><th>Name</th><th class=\"n\">Value</th><th "
              "class=\"n\">Range</th>%s<th></th></tr>\n",
              defaults ? "<th class=\"n\">Default</th>" : "");
  for (size_t i = 0; i < ev->params.n; i++) put_param(p, &ev->params.at[i], defaults);
  page_add(p, "</table></div>\n");
}

/* ---- what was shown -------------------------------------------------------------------------- */

static void put_table(Page *p, const Shown *t) {
  page_add(p, "<div class=\"scroll\"><table><tr>");
  for (int64_t i = 0; i < (t->rows + 1) * t->columns; i++) {
    const char *tag = i < t->columns ? "th" : "td";
    if (i && i % t->columns == 0) page_add(p, "</tr>\n<tr>");
    page_printf(p, "<%s class=\"n\">%s</%s>", tag, markup_escape(p->arena, t->cell[i]), tag);
  }
  page_add(p, "</tr></table></div>\n");
}

static void put_shown(Page *p) {
  if (!p->ev->shown.n) return;
  page_section(p, "output", "Output");
  bool open = false;
  for (size_t i = 0; i < p->ev->shown.n; i++) {
    const Shown *s = &p->ev->shown.at[i];
    bool text = s->text != NULL;
    if (text != open) page_add(p, text ? "<pre>" : "</pre>\n");
    open = text;
    if (text)
      page_escaped(p, s->text);
    else
      put_table(p, s);
  }
  if (open) page_add(p, "</pre>\n");
}

/* ---- results --------------------------------------------------------------------------------- */

static void put_result(Page *p, const char *path, const Value *v) {
  const char *unit = v->kind == V_ARRAY && !dim_is_one(v->dim)
                         ? label_unit(p->arena, unit_label(p->arena, v->dim))
                         : "";
  const char *kind = v->kind == V_ARRAY && value_shape(v).rank
                         ? shape_text(p->arena, value_shape(v))
                     : v->kind == V_ARRAY             ? value_line(p->ev, v)
                     : v->kind == V_RECORD && v->type ? v->type
                                                      : value_kind_name(p->ev, v);
  page_printf(p, "<tr><td><code>%s</code></td><td>%s</td><td>%s</td></tr>\n",
              markup_escape(p->arena, path), markup_escape(p->arena, kind), unit);
  for (int i = 0; v->kind == V_RECORD && i < v->nfields; i++)
    if (v->fields[i].value->kind != V_RECORD)
      put_result(p, arena_printf(p->arena, "%s.%s", path, v->fields[i].name), v->fields[i].value);
}

static void put_results(Page *p) {
  if (!p->ev->results.n) return;
  page_section(p, "results", "Results");
  page_add(p,
           "<p class=\"soft\">In <a href=\"results.h5\">results.h5</a>, in SI units.</p>\n"
           "<details><summary>What it holds</summary><div class=\"scroll\"><table><tr><th>Name</th>"
           "<th>Shape or kind</th><th>Unit</th></tr>\n");
  for (size_t i = 0; i < p->ev->results.n; i++)
    put_result(p, p->ev->results.at[i].name, p->ev->results.at[i].value);
  page_add(p, "</table></div></details>\n");
}

/* ---- source ---------------------------------------------------------------------------------- */

/* Comments stand back. A # in a string is none. */
static void put_line(Page *p, const char *line, size_t n) {
  bool quoted = false;
  size_t code = 0;
  for (; code < n && (quoted || line[code] != '#'); code++) {
    if (quoted && line[code] == '\\' && code + 1 < n)
      code++;
    else if (line[code] == '"')
      quoted = !quoted;
  }
  if (code > n) code = n;
  page_escaped(p, arena_strndup(p->arena, line, code));
  if (code < n)
    page_printf(p, "<span class=\"k\">%s</span>",
                markup_escape(p->arena, arena_strndup(p->arena, line + code, n - code)));
  page_add(p, "\n");
}

static void put_source(Page *p) {
  const Source *s = p->ev->main_source;
  page_section(p, "source", "Model");
  page_printf(p, "<details class=\"source\"><summary>%s</summary><pre class=\"src\">",
              markup_escape(p->arena, s->name));
  for (const char *line = s->text; *line;) {
    size_t n = strcspn(line, "\n");
    put_line(p, line, n);
    line += n + (line[n] == '\n');
  }
  page_add(p, "</pre></details>\n");
}

/* ---- all ------------------------------------------------------------------------------------- */

static void put_figures_section(Page *p) {
  if (!has_figures(p, NULL)) return;
  page_section(p, "figures", "Figures");
  put_figures(p, NULL);
}

bool html_write(Ev *ev, const RunInfo *info, const Figures *figures, const char *folder,
                const char **why) {
  Arena *a = arena_new();
  Page p = {.ev = ev,
            .arena = a,
            .out = {.arena = a},
            .info = info,
            .figures = figures,
            .folder = folder};
  put_head(&p);
  html_warnings(&p);
  html_claims(&p, NULL);
  put_figures_section(&p);
  put_analyses(&p);
  put_params(&p);
  html_networks(&p);
  put_shown(&p);
  put_results(&p);
  html_timing(&p);
  html_provenance(&p);
  put_source(&p);
  page_add(&p, "</main></body></html>\n");
  const char *text = text_str(&p.out), *reason = NULL;
  bool ok = file_write(a, path_join(a, folder, "report.html"), text, strlen(text), &reason);
  if (!ok) *why = arena_strdup(ev->arena, reason);
  arena_free(a);
  return ok;
}
