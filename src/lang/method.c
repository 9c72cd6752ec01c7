/* method.c: methods as values. */
#include "lang/method.h"

#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"

/* The options that were given become fields. */
Value *method_make(Ev *ev, Call *c) {
  int given = 0;
  for (int i = 0; i < BUILTIN_MAX_ARGS; i++) given += arg_given(c, i);
  Value *v = value_record(ev, c->fn->name, given);
  v->kind = V_METHOD;
  v->builtin = c->fn;
  v->at = c->at;
  for (int i = 0, k = 0; i < BUILTIN_MAX_ARGS; i++)
    if (arg_given(c, i)) value_set(v, k++, builtin_param_name(ev, c->fn, i), c->arg[i]);
  return v;
}

bool method_option(Ev *ev, const Value *method, const char *name, Dim want, double dflt,
                   double *out) {
  *out = dflt;
  for (int i = 0; i < method->nfields; i++) {
    if (strcmp(method->fields[i].name, name) != 0) continue;
    const char *what = arena_printf(ev->arena, "`%s` of `%s`", name, method->type);
    return ev_to_number(ev, method->fields[i].value, want, out, NULL, method->at, what);
  }
  return true;
}
