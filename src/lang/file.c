/* file.c: a whole file. It is evaluated twice: rehearsed, with verbs that only say what they would
   give, which finds the mistakes in the text; then performed. */
#include "lang/core.h"
#include "lang/network.h"
#include "lang/partial.h"

void ev_init(Ev *ev, Arena *arena, DiagList *diag) {
  *ev = (Ev){.arena = arena, .keep = arena, .diag = diag};
  map_init(&ev->sets, arena);
  map_init(&ev->modules, arena);
  map_init(&ev->trees, arena);
  map_init(&ev->elsewhere, arena);
}

/* What a pass over the file leaves behind. */
static void forget(Ev *ev) {
  map_init(&ev->modules, ev->arena);
  ev->params.n = ev->claims.n = ev->results.n = ev->figures.n = ev->saved.n = 0;
  ev->shown.n = ev->timings.n = ev->solves.n = 0;
  ev->verbs = 0;
}

static void statement_alone(Ev *ev, const Ast *s) {
  bool rehearse = ev->rehearse;
  ev->path = NULL;
  ev->site = NULL;
  if (partial_knows(ev, s)) ev_statement(ev, ev->top, s);
  ev->rehearse = rehearse;
}

static void walk(Ev *ev, const Ast *file) {
  forget(ev);
  ev->top = scope_new(ev, ev->builtins);
  ev->top->file = true;
  hoist(ev, ev->top, file);
  for (uint32_t i = 0; i < file->nkids && !ev->cancelled; i++) statement_alone(ev, file->kids[i]);
}

/* Networks that nothing uses are checked too. */
static void rehearse_networks(Ev *ev, const Ast *file) {
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    if (s->kind != AST_NETWORK) continue;
    bool defaults = true;
    for (uint32_t k = 0; k + 1 < s->nkids; k++) defaults = defaults && s->kids[k]->kids[0];
    Value *decl = scope_find(ev->top, s->name);
    if (!defaults || !decl || decl->fn != s) continue;
    Value *net = network_make(ev, decl, NULL, NULL, 0, ast_name_where(s));
    if (net->kind == V_NETWORK) network_system(ev, net, ast_name_where(s));
  }
}

bool ev_file(Ev *ev, const Ast *file, bool run) {
  char bottom;
  ev->stack = &bottom;
  if (!ev->builtins) {
    ev->builtins = scope_new(ev, NULL);
    builtins_install(ev, ev->builtins);
  }
  ev->main_file = file;
  ev->rehearse = true;
  ev->tasks.n = 0; /* those of the rehearsal stand for what the run does not reach */
  walk(ev, file);
  rehearse_networks(ev, file);
  check_names(ev, file);
  params_unused(ev);
  ev->rehearse = false;
  ev->failed = false;
  bool sound = ev->diag->errors == 0;
  ev->diag->in_order = true; /* when they are shown, and with which others, is up to the clock */
  if (sound && run) walk(ev, file);
  ev->stack = NULL;
  return sound;
}
