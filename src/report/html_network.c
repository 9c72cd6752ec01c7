/* html_network.c: what the networks of the model are made of: their equations as the text has them,
   and for each network that was made its size, its arguments, and its weights in numbers. */
#include "lang/network.h"

#include <string.h>

#include "report/html.h"
#include "report/mathml.h"
#include "report/svg.h"
#include "syntax/parse.h"

/* ---- lines ----------------------------------------------------------------------------------- */

/* `math` is the inside of a formula; at its side a comment, or else what it declares. */
static void put_line(Page *p, const char *math, const char *doc, const char *role) {
  page_printf(p,
              "<div class=\"eq\"><div><math display=\"block\"><mrow>%s</mrow></math></div><span "
              "class=\"why\">",
              math);
  page_escaped(p, doc && *doc ? doc : role);
  page_add(p, "</span></div>\n");
}

/* ", x ∈ ℝ^(N×N)" */
static void add_space(Text *t, const Ast *item, bool first) {
  if (item->nkids < 2) return;
  if (!first) text_add(t, "<mo separator=\"true\" rspace=\"0.8em\">,</mo>");
  mathml_name(t, item->name);
  text_add(t, "<mo>∈</mo><msup><mi>ℝ</mi><mrow>");
  for (uint32_t i = 1; i < item->nkids; i++) {
    if (i > 1) text_add(t, "<mo>×</mo>");
    mathml_expr(t, item->kids[i]);
  }
  text_add(t, "</mrow></msup>");
}

static void put_item(Page *p, const Ast *item, const char *role, bool state) {
  Text t = {.arena = p->arena};
  if (state && item->kids[0]) {
    mathml_name(&t, item->name);
    text_add(&t, "<mo>(</mo><mn>0</mn><mo>)</mo>");
    text_printf(&t, "<mo lspace=\"0.4em\" rspace=\"0.4em\">%s</mo>",
                item->flags & AST_DRAWN ? "∼" : "=");
    mathml_expr(&t, item->kids[0]);
  } else if (!mathml_statement(&t, item)) {
    if (item->nkids < 2) mathml_name(&t, item->name);
    add_space(&t, item, true);
    put_line(p, text_str(&t), item->doc, role);
    return;
  }
  add_space(&t, item, false);
  put_line(p, text_str(&t), item->doc, role);
}

static void put_items(Page *p, const Ast *s, const char *role) {
  for (uint32_t i = 0; i < s->nkids; i++)
    if (s->kids[i]->kind == AST_ITEM) put_item(p, s->kids[i], role, s->kind == AST_STATE);
}

static void put_formula(Page *p, const Ast *s) {
  Text t = {.arena = p->arena};
  if (mathml_statement(&t, s)) put_line(p, text_str(&t), s->doc, "");
}

static void add_path(Text *t, const Ast *path) {
  mathml_name(t, path->text ? arena_printf(t->arena, "%s.%s", path->name, path->text) : path->name);
}

static void put_connect(Page *p, const Ast *s) {
  Text t = {.arena = p->arena};
  add_path(&t, s->kids[0]);
  text_add(&t, "<mo lspace=\"0.4em\" rspace=\"0.4em\">→</mo>");
  add_path(&t, s->kids[1]);
  text_add(&t, "<mo separator=\"true\" rspace=\"0.8em\">:</mo>");
  if (s->name) {
    mathml_name(&t, s->name);
    text_add(&t, s->flags & AST_DRAWN ? "<mo>∼</mo>" : "<mo>=</mo>");
  }
  mathml_expr(&t, s->kids[2]);
  for (uint32_t i = 3; i < s->nkids; i++) {
    text_add(&t, "<mo separator=\"true\" rspace=\"0.8em\">,</mo>");
    mathml_name(&t, s->kids[i]->name);
    text_add(&t, "<mo>=</mo>");
    mathml_expr(&t, s->kids[i]->kids[0]);
  }
  put_line(p, text_str(&t), s->doc,
           s->flags & AST_TRAINABLE ? "trainable connection" : "connection");
}

static void put_population(Page *p, const Ast *s) {
  Text t = {.arena = p->arena};
  mathml_name(&t, s->name);
  text_add(&t, "<mo separator=\"true\" rspace=\"0.8em\">:</mo>");
  if (s->nkids > 1 && s->kids[1]) {
    mathml_expr(&t, s->kids[1]);
    text_add(&t, "<mo>×</mo>");
  }
  if (s->kids[0]->kind == AST_NAME)
    text_printf(&t, "<mi>%s</mi>", s->kids[0]->name);
  else
    mathml_expr(&t, s->kids[0]);
  put_line(p, text_str(&t), s->doc, "population");
}

static void put_event(Page *p, const Ast *s) {
  Text t = {.arena = p->arena};
  text_add(&t, "<mtext>when</mtext><mspace width=\"0.4em\"/>");
  mathml_expr(&t, s->kids[0]);
  text_add(&t, "<mo separator=\"true\" rspace=\"0.8em\">:</mo>");
  const Ast *block = s->kids[1];
  for (uint32_t i = 0; i < block->nkids; i++) {
    if (i) text_add(&t, "<mo separator=\"true\" rspace=\"0.8em\">,</mo>");
    mathml_statement(&t, block->kids[i]);
  }
  put_line(p, text_str(&t), s->doc,
           s->name ? arena_printf(p->arena, "event %s", s->name) : "event");
}

static void put_statement(Page *p, const Ast *s);

static void put_phase(Page *p, const Ast *s) {
  Text t = {.arena = p->arena};
  text_printf(&t, "<mtext>phase %s</mtext><mspace width=\"0.6em\"/><mo>(</mo>", s->name);
  mathml_expr(&t, s->kids[0]);
  text_add(&t, "<mo>)</mo>");
  put_line(p, text_str(&t), s->doc, "");
  page_add(p, "<div class=\"box\">\n");
  for (uint32_t i = 0; i < s->kids[1]->nkids; i++) put_statement(p, s->kids[1]->kids[i]);
  page_add(p, "</div>\n");
}

static void put_score(Page *p, const Ast *s) {
  Text t = {.arena = p->arena};
  mathml_statement(&t, s);
  const char *during = s->text ? arena_printf(p->arena, "score during %s", s->text) : "score";
  put_line(p, text_str(&t), s->doc, during);
}

static void put_statement(Page *p, const Ast *s) {
  switch ((AstKind)s->kind) {
    case AST_STATE: put_items(p, s, "state"); break;
    case AST_INPUT: put_items(p, s, "input"); break;
    case AST_OUTPUT: put_items(p, s, "output"); break;
    case AST_WEIGHT: put_items(p, s, "weight"); break;
    case AST_NOISE: put_items(p, s, "white noise"); break;
    case AST_TARGET: put_items(p, s, "target"); break;
    case AST_DRAW: put_items(p, s, "draw"); break;
    case AST_LET: put_items(p, s, ""); break;
    case AST_CONNECT: put_connect(p, s); break;
    case AST_POPULATION: put_population(p, s); break;
    case AST_WHEN: put_event(p, s); break;
    case AST_PHASE: put_phase(p, s); break;
    case AST_SCORE: put_score(p, s); break;
    default: put_formula(p, s);
  }
}

/* "lif(tau = 10 ms, n)" */
static const char *signature(Page *p, const Ast *decl) {
  Text t = {.arena = p->arena};
  text_add(&t, decl->name);
  if (decl->nkids < 2) return text_str(&t);
  for (uint32_t i = 0; i + 1 < decl->nkids; i++) {
    text_printf(&t, "%s%s", i ? ", " : "(", decl->kids[i]->name);
    if (decl->kids[i]->kids[0])
      text_printf(&t, " = %s", ast_print(p->arena, decl->kids[i]->kids[0]));
  }
  text_add(&t, ")");
  return text_str(&t);
}

static void put_declaration(Page *p, const Ast *decl) {
  const Ast *body = decl->kids[decl->nkids - 1];
  page_printf(p, "<h3>%s</h3>\n", markup_escape(p->arena, signature(p, decl)));
  page_doc(p, decl->doc);
  page_add(p, "<div class=\"box\">\n");
  for (uint32_t i = 0; i < body->nkids; i++) put_statement(p, body->kids[i]);
  page_add(p, "</div>\n");
}

/* ---- networks that were made ----------------------------------------------------------------- */

static void put_arguments(Page *p, const Network *net) {
  const char *comma = "";
  for (int i = 0; i < net->nargs; i++) {
    const Value *v = net->args[i].value;
    bool shown = v && (v->kind == V_ARRAY || v->kind == V_STRING || v->kind == V_METHOD);
    if (!shown || (strcmp(net->args[i].name, "seed") == 0 && net->seed == 0)) continue;
    page_printf(p, "%s%s = %s", comma, markup_escape(p->arena, net->args[i].name),
                markup_escape(p->arena, page_value(p, v)));
    comma = ", ";
  }
}

static const char *role_of(const System *s, const char *name) {
  for (size_t i = 0; i < s->weights.n; i++)
    if (strcmp(s->weights.at[i].q.name, name) == 0)
      return s->weights.at[i].trainable ? "trainable" : "weight";
  return "";
}

static bool is_argument(const Network *net, const char *name) {
  for (int i = 0; i < net->nargs; i++)
    if (strcmp(net->args[i].name, name) == 0) return true;
  return false;
}

/* Weights, connections and fixed draws of some size; single numbers are in the equations. */
static void put_weights(Page *p, Value *v) {
  enum { ELEMENTS_LEAST = 4, ROWS_MOST = 40 };
  const Network *net = v->network;
  int rows = 0;
  for (size_t i = 0; i < net->constants.n && rows < ROWS_MOST; i++) {
    const char *name = net->constants.items[i].key;
    const Value *c = net->constants.items[i].value;
    bool numbers = c && (c->kind == V_SPARSE || c->kind == V_ARRAY);
    if (!numbers || is_argument(net, name) || shape_count(value_shape(c)) < ELEMENTS_LEAST)
      continue;
    const Value *known = network_field(p->ev, v, name, v->at);
    if (known->kind != V_ARRAY && known->kind != V_SPARSE) continue;
    if (rows++ == 0) html_weights_head(p);
    html_weights_row(p, name, role_of(net->system, name), known);
  }
  if (rows) page_add(p, "</table></div>\n");
}

static void put_instance(Page *p, const char *name, Value *v) {
  const Network *net = v->network;
  const System *s = net->system;
  static const char *const times[] = {"", "continuous, its time in seconds",
                                      "continuous, its time a plain number"};
  page_printf(p, "<h4><code>%s</code></h4>\n<p class=\"soft\">", markup_escape(p->arena, name));
  put_arguments(p, net);
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

/* What `lif`, `neurons.lif` or `lif(tau = 5 ms)` refers to in the file. */
static const Value *resolve(Page *p, const Ast *x) {
  if (x->kind == AST_CALL) return resolve(p, x->kids[0]);
  if (x->kind == AST_NAME) return scope_find(p->ev->top, x->name);
  const Value *base = x->kind == AST_FIELD ? resolve(p, x->kids[0]) : NULL;
  return base && (base->kind == V_MODULE || base->kind == V_RECORD) ? value_field(base, x->name)
                                                                    : NULL;
}

static void find_neurons(Page *p, const Ast *network, Decls *all) {
  const Ast *body = network->kids[network->nkids - 1];
  for (uint32_t i = 0; i < body->nkids; i++) {
    if (body->kids[i]->kind != AST_POPULATION) continue;
    const Value *unit = resolve(p, body->kids[i]->kids[0]);
    if (unit && unit->kind == V_FUNCTION && unit->fn && unit->fn->kind == AST_NEURON)
      add_decl(p, all, unit->fn);
  }
}

static void put_connectivities(Page *p, const Ast *file) {
  bool open = false;
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    if (s->kind != AST_CONNECTIVITY) continue;
    if (!open) page_section(p, "connectivity", "Connectivity");
    open = true;
    put_formula(p, s);
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
