/* read.c: parameters, claims, tables, figures and results of the last check or run. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "report/figures.h"
#include "report/report.h"

static const char *or_empty(const char *s) {
  return s ? s : "";
}

/* value_text makes its text in the evaluator's arena: that much of a Dyn changes on reading. */
static const char *show(const Dyn *d, const Value *v) {
  return v ? value_text((Ev *)&d->ev, v) : NULL;
}

size_t dyn_param_count(const Dyn *d) {
  return d->ev.params.n;
}

bool dyn_param(const Dyn *d, size_t i, DynParam *out) {
  if (i >= d->ev.params.n) return false;
  const Param *p = &d->ev.params.at[i];
  *out = (DynParam){.name = p->name,
                    .doc = or_empty(p->doc),
                    .value = show(d, p->value),
                    .dflt = show(d, p->dflt),
                    .lo = show(d, p->lo),
                    .hi = show(d, p->hi),
                    .set = p->set_from != NULL};
  return true;
}

size_t dyn_claim_count(const Dyn *d) {
  return d->ev.claims.n;
}

bool dyn_claim(const Dyn *d, size_t i, DynClaim *out) {
  if (i >= d->ev.claims.n) return false;
  const Claim *c = &d->ev.claims.at[i];
  *out = (DynClaim){.text = c->text,
                    .why = or_empty(c->why),
                    .held = c->held,
                    .expected = or_empty(c->expected),
                    .found = or_empty(c->found),
                    .file = c->at.src ? c->at.src->name : ""};
  int column;
  if (c->at.src) source_line_col(c->at.src, c->at.span.start, &out->line, &column);
  return true;
}

bool dyn_table(const Dyn *d, size_t i, DynTable *out) {
  for (size_t k = 0; k < d->ev.shown.n; k++) {
    const Shown *s = &d->ev.shown.at[k];
    if (s->text || i-- > 0) continue;
    *out = (DynTable){.rows = s->rows, .columns = s->columns, .cell = s->cell};
    return true;
  }
  return false;
}

/* ---- figures ---- */

size_t dyn_figure_count(Dyn *d) {
  Figures all;
  figures_collect(&d->ev, &all);
  return all.n;
}

static const Figure *find_figure(Dyn *d, size_t i) {
  Figures all;
  figures_collect(&d->ev, &all);
  return i < all.n ? all.at[i] : NULL;
}

bool dyn_figure(Dyn *d, size_t i, DynFigure *out) {
  const Figure *f = find_figure(d, i);
  if (f) *out = (DynFigure){.name = f->name, .title = or_empty(figure_title(f))};
  return f != NULL;
}

const char *dyn_figure_svg(Dyn *d, size_t i) {
  const Figure *f = find_figure(d, i);
  const char *svg = f ? figures_svg(&d->ev, f) : NULL;
  api_show_diagnostics(d);
  return svg;
}

/* ---- files ---- */

/* A module of the standard library is known by a name that is not its source's. */
static bool is_own(const MapItem *module) {
  const Ast *tree = module->value;
  return tree && strcmp(tree->src->name, module->key) != 0;
}

const char *dyn_file(const Dyn *d, size_t i) {
  if (d->path && i-- == 0) return d->path;
  const Map *trees = &d->ev.trees;
  for (size_t k = 0; k < trees->n; k++)
    if (!is_own(&trees->items[k]) && i-- == 0) return trees->items[k].key;
  return i < d->ev.loaded.n ? d->ev.loaded.at[i].path : NULL;
}

/* ---- results ---- */

const char *dyn_result_name(const Dyn *d, size_t i) {
  return i < d->ev.results.n ? d->ev.results.at[i].name : NULL;
}

/* The member that a part of a path names: a field of a record, or an element of a list. */
static const Value *member(const Value *v, const char *part) {
  if (v->kind == V_RECORD) return value_field(v, part);
  if (v->kind != V_LIST) return NULL;
  char *end;
  unsigned long i = strtoul(part, &end, 10);
  return *part && !*end && i < (unsigned long)v->nfields ? v->fields[i].value : NULL;
}

static const Value *find_result(const Dyn *d, const char *name) {
  for (size_t i = 0; i < d->ev.results.n; i++)
    if (strcmp(d->ev.results.at[i].name, name) == 0) return d->ev.results.at[i].value;
  return NULL;
}

static const Value *find_path(const Dyn *d, const char *path) {
  char *part = arena_strdup(d->work, path), *rest = NULL;
  const Value *v = NULL;
  for (part = strtok_r(part, ".", &rest); part; part = strtok_r(NULL, ".", &rest)) {
    v = v ? member(v, part) : find_result(d, part);
    if (!v) return NULL;
  }
  return v;
}

bool dyn_read(const Dyn *d, const char *path, DynArray *out) {
  const Value *v = find_path(d, path);
  if (!v || !value_is_known(v)) return false;
  Shape s = v->tensor->shape;
  *out = (DynArray){.data = v->tensor->data, .rank = s.rank, .unit = unit_label(d->work, v->dim)};
  for (int i = 0; i < s.rank; i++) out->shape[i] = s.n[i];
  return true;
}

const char *dyn_show(const Dyn *d, const char *path) {
  return show(d, find_path(d, path));
}
