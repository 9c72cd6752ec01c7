/* save.c: save(name, value): a result under a name, or a file of its own by the ending of the name.
   The files are written with the results. */
#include "lang/save.h"

#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/network.h"

/* ---- archives -------------------------------------------------------------------------------- */

bool save_is_npz(const char *name) {
  size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, ".npz") == 0;
}

/* NULL, or the first thing that is not made of numbers. */
static const Value *add_members(Ev *ev, SaveMembers *m, const char *name, Value *v);

static const Value *add_fields(Ev *ev, SaveMembers *m, const char *name, const Value *record) {
  for (int i = 0; i < record->nfields; i++) {
    const Field *f = &record->fields[i];
    const char *full = f->name && *name ? arena_printf(ev->arena, "%s.%s", name, f->name) : f->name;
    const Value *bad = add_members(ev, m, full, f->value);
    if (bad) return bad;
  }
  return NULL;
}

/* A sparse weight is filled. */
static const Value *add_weights(Ev *ev, SaveMembers *m, const char *prefix, Value *net) {
  const System *s = network_system(ev, net, net->at);
  for (size_t i = 0; s && i < s->weights.n; i++) {
    const char *name = s->weights.at[i].q.name;
    Value *w = network_field(ev, net, name, net->at);
    add_members(ev, m, *prefix ? arena_printf(ev->arena, "%s.%s", prefix, name) : name, w);
  }
  return NULL;
}

static const Value *add_members(Ev *ev, SaveMembers *m, const char *name, Value *v) {
  if (v->kind == V_RECORD) return add_fields(ev, m, name, v);
  if (v->kind == V_NETWORK) return add_weights(ev, m, name, v);
  if (v->kind == V_SPARSE) v = ev_dense(ev, v, v->at);
  if (v->kind == V_UNKNOWN || v->kind == V_ERROR) return NULL;
  if (v->kind != V_ARRAY) return v;
  *vec_push(ev->arena, m) = (Field){*name ? name : "arr_0", v};
  return NULL;
}

bool save_members(Ev *ev, Value *v, SaveMembers *m) {
  return add_members(ev, m, "", v) == NULL;
}

static bool numbers_only(Ev *ev, Call *c) {
  SaveMembers m = {0};
  const Value *bad = add_members(ev, &m, "", c->arg[1]);
  if (!bad) return true;
  arg_bad(ev, c, 1, "holds %s: an .npz archive holds arrays", value_kind_name(ev, bad));
  return false;
}

/* ---- the call -------------------------------------------------------------------------------- */

static bool is_figure_file(const char *name) {
  const char *dot = strrchr(name, '.');
  return dot && (strcmp(dot, ".svg") == 0 || strcmp(dot, ".pdf") == 0 || strcmp(dot, ".png") == 0);
}

/* What the results hold under this name; NULL: nothing. */
static const Value *held_as(const Ev *ev, const char *name) {
  for (size_t i = 0; i < ev->results.n; i++)
    if (strcmp(ev->results.at[i].name, name) == 0) return ev->results.at[i].value;
  return NULL;
}

/* Is it the name of another value that a verb gave? Then the results will hold that. */
static bool is_taken(const Ev *ev, const char *name, const Value *v) {
  const Value *held = held_as(ev, name), *named = map_get(&ev->top->names, name);
  return (held && held != v) || (named && named != v && named->kind == V_RECORD && named->type);
}

Value *bi_save(Ev *ev, Call *c) {
  const char *name = arg_string(ev, c, 0, NULL);
  if (!name) return &VALUE_ERROR;
  if (!name[0] || name[0] == '.' || strchr(name, '/'))
    return arg_bad(ev, c, 0, "must be a name without `/`, not \"%s\"", name);
  if (c->arg[1]->kind == V_FIGURE && !is_figure_file(name))
    return ev_error(ev, E0908, c->arg_at[0],
                    "a figure is saved as .svg, .pdf or .png: `%s` is none of these", name);
  for (size_t i = 0; i < ev->saved.n; i++)
    if (strcmp(ev->saved.at[i].name, name) == 0)
      return arg_bad(ev, c, 0, "names what is saved already: \"%s\"", name);
  if (is_taken(ev, name, c->arg[1]))
    return arg_bad(ev, c, 0, "names what the results hold already: `let %s = ...`", name);
  if (held_as(ev, name)) return &VALUE_NONE;
  if (save_is_npz(name) && !numbers_only(ev, c)) return &VALUE_ERROR;
  if (!ev->rehearse)
    *vec_push(ev->keep, &ev->saved) = (Result){
        .name = arena_strdup(ev->keep, name), .value = value_keep(ev, c->arg[1]), .at = c->at};
  return &VALUE_NONE;
}
