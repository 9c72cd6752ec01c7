/* html_network.c: what the networks of the model are made of: their equations as the text has them,
   and for each network that was made its size, its arguments, and its weights in numbers. */
#include "lang/network.h"

#include <string.h>

#include "report/body.h"
#include "report/html.h"
#include "report/svg.h"
#include "report/uses.h"

/* ---- lines ----------------------------------------------------------------------------------- */

/* A formula, at its side a comment, or else what it declares. */
static void put_line(Page *p, const BodyLine *l) {
  page_printf(p,
              "<div class=\"eq\"><div><math display=\"block\"><mrow>%s</mrow></math></div><span "
              "class=\"why\">",
              l->formula);
  page_escaped(p, l->doc && *l->doc ? l->doc : l->role);
  page_add(p, "</span></div>\n");
}

/* What stands in a phase has a box of its own. */
static void put_lines(Page *p, const Ast *decl) {
  BodyLines lines = body_lines(p->arena, NOTATION_MATHML, decl);
  int indent = 0;
  for (size_t i = 0; i < lines.n; i++) {
    const BodyLine *l = &lines.at[i];
    for (; indent < l->indent; indent++) page_add(p, "<div class=\"box\">\n");
    for (; indent > l->indent; indent--) page_add(p, "</div>\n");
    put_line(p, l);
  }
  for (; indent > 0; indent--) page_add(p, "</div>\n");
}

static void put_declaration(Page *p, const Ast *decl) {
  page_printf(p, "<h3>%s</h3>\n", markup_escape(p->arena, body_signature(p->arena, decl)));
  page_doc(p, decl->doc);
  page_add(p, "<div class=\"box\">\n");
  put_lines(p, decl);
  page_add(p, "</div>\n");
}

/* ---- networks that were made ----------------------------------------------------------------- */

/* Weights, connections and fixed draws of some size; single numbers are in the equations. */
static void put_weights(Page *p, Value *v) {
  enum { ELEMENTS_LEAST = 4, ROWS_MOST = 40 };
  const Network *net = v->network;
  int rows = 0;
  for (size_t i = 0; i < net->constants.n && rows < ROWS_MOST; i++) {
    const char *name = net->constants.items[i].key;
    const Value *c = net->constants.items[i].value;
    bool numbers = c && (c->kind == V_SPARSE || c->kind == V_ARRAY);
    if (!numbers || uses_is_argument(net, name) || shape_count(value_shape(c)) < ELEMENTS_LEAST)
      continue;
    const Value *known = network_field(p->ev, v, name, v->at);
    if (known->kind != V_ARRAY && known->kind != V_SPARSE) continue;
    if (rows++ == 0) html_weights_head(p);
    html_weights_row(p, name, uses_role(net, name), known);
  }
  if (rows) page_add(p, "</table></div>\n");
}

static void put_instance(Page *p, const char *name, Value *v) {
  const Network *net = v->network;
  const System *s = net->system;
  static const char *const times[] = {"", "continuous, its time in seconds",
                                      "continuous, its time a plain number"};
  page_printf(p, "<h4><code>%s</code></h4>\n<p class=\"soft\">", markup_escape(p->arena, name));
  page_escaped(p, uses_arguments(p->ev, net));
  page_printf(p, "%s%lld state variable%s; %s.</p>\n", net->nargs > 1 ? ". " : "",
              (long long)s->dim, s->dim == 1 ? "" : "s",
              s->kind == SYSTEM_MAP ? "a map" : times[s->time]);
  put_weights(p, v);
}

static Value *made_of(Page *p, Value *v, const Ast *decl) {
  if (!v) return NULL;
  bool declared = v->kind == V_FUNCTION && v->fn == decl && v->network;
  if (declared) v = network_of(p->ev, v, v->at);
  return v && v->kind == V_NETWORK && v->network->decl == decl && v->network->system ? v : NULL;
}

static Value *first_made(Page *p, const Ast *decl) {
  const Map *names = &p->ev->top->names;
  Value *v = NULL;
  for (size_t i = 0; i < names->n && !v; i++) v = made_of(p, names->items[i].value, decl);
  return v;
}

static void put_instances(Page *p, const Ast *decl) {
  enum { MOST = 8 };
  const Map *names = &p->ev->top->names;
  int n = 0;
  for (size_t i = 0; i < names->n && n < MOST; i++) {
    Value *v = made_of(p, names->items[i].value, decl);
    if (!v) continue;
    put_instance(p, names->items[i].key, v);
    n++;
  }
}

/* ---- neurons --------------------------------------------------------------------------------- */

typedef VEC(const Ast *) Decls;

static void add_decl(Page *p, Decls *all, const Ast *decl) {
  for (size_t i = 0; i < all->n; i++)
    if (all->at[i] == decl) return;
  *vec_push(p->arena, all) = decl;
}

static void find_neurons(Page *p, const Ast *network, Decls *all) {
  Uses uses = uses_of(p->ev, network, p->ev->top);
  for (size_t i = 0; i < uses.decls.n; i++)
    if (uses.decls.at[i]->kind == AST_NEURON) add_decl(p, all, uses.decls.at[i]);
}

static void put_connectivities(Page *p, const Ast *file) {
  bool open = false;
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    if (s->kind != AST_CONNECTIVITY) continue;
    if (!open) page_section(p, "connectivity", "Connectivity");
    open = true;
    put_lines(p, s);
  }
}

static void put_all(Page *p, const Ast *file, AstKind kind, const char *id, const char *title,
                    Decls *neurons) {
  bool open = false;
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    if ((AstKind)s->kind != kind) continue;
    if (!open) page_section(p, id, title);
    open = true;
    put_declaration(p, s);
    if (kind != AST_NETWORK) continue;
    html_diagram(p, s, first_made(p, s));
    put_instances(p, s);
    find_neurons(p, s, neurons);
  }
}

void html_networks(Page *p) {
  const Ast *file = p->ev->main_file;
  Decls neurons = {0};
  if (!file) return;
  put_all(p, file, AST_NETWORK, "networks", "Networks", &neurons);
  if (neurons.n) page_section(p, "neurons", "Neurons");
  for (size_t i = 0; i < neurons.n; i++) put_declaration(p, neurons.at[i]);
  put_connectivities(p, file);
  put_all(p, file, AST_TASK, "tasks", "Tasks", &neurons);
}
