/* texts.c: what a Dyn can tell of its model in words: the text laid out anew, and its graphs. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "lang/flatten.h"
#include "lang/network.h"
#include "pass/pass.h"
#include "run/run.h"
#include "syntax/parse.h"

const char *dyn_format(Dyn *d) {
  if (!d->source) return NULL;
  api_begin(d);
  const char *text = fmt_source(d->work, d->source, &d->diag);
  api_show_diagnostics(d);
  return text;
}

const char *dyn_flatten(Dyn *d) {
  if (!d->ev.main_file) return NULL;
  const char *text = flatten(&d->ev);
  if (text)
    text = fmt_source(d->work, source_make(d->work, d->source->name, text, strlen(text)), &d->diag);
  api_show_diagnostics(d);
  return text;
}

/* ---- graphs ---- */

/* A network, or a declaration that can be used without arguments. */
static bool stands_for_network(const Value *v) {
  if (v->kind == V_NETWORK) return true;
  if (v->kind != V_FUNCTION || !v->fn || v->fn->kind != AST_NETWORK) return false;
  for (uint32_t i = 0; i + 1 < v->fn->nkids; i++)
    if (v->fn->kids[i]->nkids == 0 || !v->fn->kids[i]->kids[0]) return false;
  return true;
}

static void print_system(FILE *out, Arena *a, const char *name, const System *s) {
  GraphFn *f = system_fn(a, s, &(SystemFnOptions){0});
  Program *p = program_plan(a, f, &(PlanOptions){0});
  fprintf(out, "network %s\n%s\nprogram %s\n%s\n", name, graph_print(a, pass_simplify(a, f, true)),
          name, program_print(a, p));
}

const char *dyn_graph(Dyn *d) {
  if (api_rehearse(d) != DYN_OK) return NULL;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  const Map *names = &d->ev.top->names;
  for (size_t i = 0; i < names->n; i++) {
    Value *v = names->items[i].value;
    if (!stands_for_network(v)) continue;
    Value *net = network_of(&d->ev, v, v->at);
    System *s = net ? network_system(&d->ev, net, v->at) : NULL;
    if (s) print_system(out, d->work, names->items[i].key, s);
  }
  fclose(out);
  const char *kept = arena_strndup(d->work, text, len);
  free(text);
  api_show_diagnostics(d);
  return d->diag.errors ? NULL : kept;
}
