/* record.c: see record.h. */
#include "verb/record.h"

#include <string.h>

#include "lang/core.h"

/* ---- choosing -------------------------------------------------------------------------------- */

static bool has(const Quantities *q, const char *name) {
  for (size_t i = 0; i < q->n; i++)
    if (strcmp(q->at[i].name, name) == 0) return true;
  return false;
}

static void add(Ev *ev, Quantities *out, const Quantity *q) {
  if (!has(out, q->name)) *vec_push(ev->arena, out) = *q;
}

void record_all(const Setup *s, Quantities *out) {
  for (size_t i = 0; i < s->sys->states.n; i++) add(s->ev, out, &s->sys->states.at[i].q);
  for (size_t i = 0; i < s->sys->outputs.n; i++) add(s->ev, out, &s->sys->outputs.at[i]);
}

static const char *near_quantity(const Setup *s, const char *name) {
  VEC(const char *) names = {0};
  Arena *a = s->ev->arena;
  const System *sys = s->sys;
  for (size_t i = 0; i < sys->states.n; i++) *vec_push(a, &names) = sys->states.at[i].q.name;
  for (size_t i = 0; i < sys->inputs.n; i++) *vec_push(a, &names) = sys->inputs.at[i].q.name;
  for (size_t i = 0; i < sys->outputs.n; i++) *vec_push(a, &names) = sys->outputs.at[i].name;
  for (size_t i = 0; i < sys->readable.n; i++) *vec_push(a, &names) = sys->readable.at[i].name;
  return nearest_name(name, names.at, names.n);
}

/* The states and outputs of a population. */
static bool add_population(const Setup *s, const char *name, Quantities *out) {
  Quantities all = {0};
  size_t n = strlen(name);
  bool found = false;
  record_all(s, &all);
  for (size_t i = 0; i < all.n; i++) {
    if (strncmp(all.at[i].name, name, n) != 0 || all.at[i].name[n] != '.') continue;
    add(s->ev, out, &all.at[i]);
    found = true;
  }
  return found;
}

static bool is_event(const System *s, const char *name) {
  for (size_t i = 0; i < s->events.n; i++)
    if (s->events.at[i].name && strcmp(s->events.at[i].name, name) == 0) return true;
  return false;
}

static bool add_name(const Setup *s, const Value *v, Where at, Quantities *out) {
  if (v->kind != V_STRING) {
    setup_report(s, E0609, at, "`record` is a list of names in quotes, not %s",
                 value_kind_name(s->ev, v));
    return false;
  }
  const Quantity *q = system_find(s->sys, v->text);
  if (q) add(s->ev, out, q);
  if (q || add_population(s, v->text, out) || is_event(s->sys, v->text)) return true;
  const char *near = near_quantity(s, v->text);
  Diag *d = setup_report(s, E0609, at, "`%s` has no quantity `%s`", s->sys->name, v->text);
  if (d && near) diag_note(s->ev->diag, d, at, "did you mean `%s`?", near);
  return false;
}

bool record_choose(const Setup *s, Value *names, Where at, Quantities *out) {
  *out = (Quantities){0};
  if (!names || names->kind == V_NONE) {
    record_all(s, out);
    return true;
  }
  if (names->kind == V_ERROR || names->kind == V_UNKNOWN) return false;
  if (names->kind != V_LIST) {
    bool none = names->kind == V_ARRAY && shape_count(value_shape(names)) == 0;
    return none || add_name(s, names, at, out);
  }
  for (int i = 0; i < names->nfields; i++)
    if (!add_name(s, names->fields[i].value, at, out)) return false;
  return true;
}

/* ---- size ------------------------------------------------------------------------------------ */

double record_bytes(const Quantities *q, int64_t rows, int64_t trials) {
  double count = 0;
  for (size_t i = 0; i < q->n; i++) {
    int64_t n = shape_count(q->at[i].shape);
    count += n < 0 ? 0 : (double)n * (trials > 0 ? (double)trials : 1);
  }
  return rows < 0 ? 0 : count * (double)rows * sizeof(double);
}

Diag *record_too_large(const Setup *s, int64_t rows, double bytes) {
  return setup_report(s, E0610, s->c->at, "the record would take %s: %lld rows of %.6g numbers",
                      mem_text(s->ev->arena, bytes), (long long)rows,
                      bytes / sizeof(double) / (double)rows);
}

void record_advise(const Setup *s, Diag *d) {
  diag_note(s->ev->diag, d, s->c->at,
            "record fewer quantities with `record`, or less often with `every`");
}

Shape record_shape(Shape s, int64_t trials, int64_t rows) {
  Shape lead = {.rank = 0};
  if (trials != RECORD_NO_AXIS) lead.n[lead.rank++] = trials;
  if (rows != RECORD_NO_AXIS) lead.n[lead.rank++] = rows;
  return shape_concat(lead, s);
}

/* ---- nesting --------------------------------------------------------------------------------- */

static size_t head_length(const char *name) {
  const char *dot = strchr(name, '.');
  return dot ? (size_t)(dot - name) : strlen(name);
}

static bool same_head(const char *a, const char *b) {
  size_t n = head_length(a);
  return head_length(b) == n && strncmp(a, b, n) == 0;
}

/* The fields that begin with the head of fields[first], without it. */
static Value *nested_part(Ev *ev, const Field *fields, int n, int first) {
  const char *name = fields[first].name;
  size_t head = head_length(name);
  if (!name[head]) return fields[first].value;
  Field *part = ARENA_ARRAY(ev->arena, Field, n);
  int m = 0;
  for (int i = first; i < n; i++)
    if (same_head(fields[i].name, name) && fields[i].name[head])
      part[m++] = (Field){fields[i].name + head + 1, fields[i].value};
  return record_nested(ev, NULL, part, m);
}

Value *record_nested(Ev *ev, const char *type, const Field *fields, int n) {
  Value *r = value_record(ev, type, n);
  int m = 0;
  for (int i = 0; i < n; i++) {
    bool seen = false;
    for (int k = 0; k < i && !seen; k++) seen = same_head(fields[k].name, fields[i].name);
    if (seen) continue;
    const char *head = arena_strndup(ev->arena, fields[i].name, head_length(fields[i].name));
    value_set(r, m++, head, nested_part(ev, fields, n, i));
  }
  r->nfields = m;
  return r;
}
