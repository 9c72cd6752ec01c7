/* test_api.c: the public interface, as a program that embeds dynrun uses it. */
#include <stdlib.h>

#include "check.h"
#include "dyn.h"

static const char decay[] =
    "## Rate of the decay.\n"
    "param k = 2 [1/s] in [0 Hz, 10 Hz]\n"
    "network n(k = k) { state x = 1 mV, y = 2; dx/dt = -k * x; dy/dt = -k * y }\n"
    "let run = simulate(n, for = 1 s, method = rk4, dt = 10 ms)\n"
    "let both = [run.final.x, 3 mV]\n"
    "print(\"done\")\n"
    "expect run.x[0] == 1 mV \"it starts at 1\"\n"
    "expect run.y[-1] > 1 \"too much\"\n";

/* What the callbacks were told. */
typedef struct Told {
  char printed[256], diagnosed[4096];
  int asked;
  int cancel_after; /* -1: never */
} Told;

static void on_print(void *ctx, const char *text) {
  Told *t = ctx;
  strncat(t->printed, text, sizeof t->printed - strlen(t->printed) - 1);
}

static void on_diagnostic(void *ctx, const char *text) {
  Told *t = ctx;
  strncat(t->diagnosed, text, sizeof t->diagnosed - strlen(t->diagnosed) - 1);
}

static bool is_cancelled(void *ctx) {
  Told *t = ctx;
  return t->cancel_after >= 0 && t->asked++ >= t->cancel_after;
}

static Dyn *start(Told *t) {
  *t = (Told){.cancel_after = -1};
  Dyn *d = dyn_new();
  dyn_set_callbacks(
      d, &(DynCallbacks){
             .print = on_print, .diagnostic = on_diagnostic, .cancelled = is_cancelled, .ctx = t});
  return d;
}

static DynStatus load(Dyn *d, const char *text) {
  return dyn_load_text(d, "model.dyn", text, strlen(text));
}

static void test_run(void) {
  Told t;
  Dyn *d = start(&t);
  DynArray x = {.rank = -1, .unit = ""};
  DynClaim c;
  CHECK(load(d, decay) == DYN_OK, "%s", t.diagnosed);
  CHECK(dyn_run(d) == DYN_CLAIM_FAILED, "%s", t.diagnosed);
  CHECK(strcmp(t.printed, "done\n") == 0, "%s", t.printed);
  CHECK(dyn_read(d, "run.x", &x) && x.rank == 1 && x.shape[0] == 101, "one row for each step");
  CHECK(x.rank == 1 && strcmp(x.unit, "V") == 0, "%s", x.unit);
  if (x.rank == 1) CHECK_NEAR(x.data[100], 1e-3 * exp(-2), 1e-9, "the decay");
  CHECK(!dyn_read(d, "run.z", &x) && !dyn_read(d, "nosuch", &x), "paths that lead nowhere");
  CHECK(dyn_result_name(d, 0) && strcmp(dyn_result_name(d, 0), "run") == 0, "the first result");
  CHECK(dyn_show(d, "run.final.y") != NULL, "values as text");
  CHECK(dyn_claim_count(d) == 2, "%zu claims", dyn_claim_count(d));
  CHECK(dyn_claim(d, 0, &c) && c.held && strcmp(c.why, "it starts at 1") == 0, "the first claim");
  CHECK(dyn_claim(d, 1, &c) && !c.held && c.line == 8 && *c.found, "the second claim");
  CHECK(!dyn_claim(d, 2, &c), "no third claim");
  dyn_free(d);
}

static void test_params(void) {
  Told t;
  Dyn *d = start(&t);
  DynParam p;
  DynArray x = {.rank = -1, .unit = ""};
  dyn_set_param(d, "k", "1 Hz");
  CHECK(load(d, decay) == DYN_OK && dyn_run(d) == DYN_CLAIM_FAILED, "%s", t.diagnosed);
  CHECK(dyn_param_count(d) == 1 && dyn_param(d, 0, &p) && p.set, "one parameter, set");
  CHECK(p.lo && p.hi && strstr(p.doc, "Rate of the decay"), "%s", p.doc);
  if (dyn_read(d, "run.y", &x)) CHECK_NEAR(x.data[100], 2 * exp(-1), 1e-8, "the parameter counts");
  dyn_set_param(d, "k", "11 Hz");
  CHECK(dyn_check(d) == DYN_USAGE, "out of range: %s", t.diagnosed);
  dyn_set_param(d, "k", "1 mV");
  CHECK(dyn_check(d) == DYN_USAGE, "another dimension: %s", t.diagnosed);
  dyn_set_param(d, "k", "2 Hz");
  CHECK(dyn_check(d) == DYN_OK, "mended: %s", t.diagnosed);
  dyn_set_param(d, "k", "1 mV");
  dyn_set_param(d, "k", NULL);
  CHECK(dyn_check(d) == DYN_OK && dyn_param(d, 0, &p) && !p.set, "the default again");
  dyn_free(d);
}

static void test_errors(void) {
  Told t;
  Dyn *d = start(&t);
  CHECK(dyn_run(d) == DYN_MODEL_ERROR, "nothing is loaded");
  CHECK(load(d, "let a = = 2\n") == DYN_MODEL_ERROR, "%s", t.diagnosed);
  CHECK(strstr(t.diagnosed, "model.dyn:1:9: error:"), "%s", t.diagnosed);
  CHECK(dyn_check(d) == DYN_MODEL_ERROR && dyn_run(d) == DYN_MODEL_ERROR, "still not");
  CHECK(load(d, "let a = b\n") == DYN_OK && dyn_check(d) == DYN_MODEL_ERROR, "an unknown name");
  CHECK(dyn_load_file(d, "/nonexistent/model.dyn") == DYN_IO, "no such file");
  CHECK(load(d, "let a = 1\n") == DYN_OK && dyn_run(d) == DYN_OK, "a Dyn recovers");
  dyn_free(d);
  dyn_free(NULL);
}

static void test_cancel(void) {
  Told t;
  Dyn *d = start(&t);
  t.cancel_after = 3;
  CHECK(load(d,
             "network n { state x = 1; dx/dt = sin(t) - x }\n"
             "let run = simulate(n, for = 1e7, method = rk4, dt = 0.01, record = [])\n") == DYN_OK,
        "%s", t.diagnosed);
  CHECK(dyn_run(d) == DYN_INTERRUPTED, "%s", t.diagnosed);
  dyn_free(d);
}

static const char drawing[] =
    "from std.neurons import lif\n"
    "let x = linspace(0, 1, 11)\n"
    "let square = plot(x, x^2, title = \"a < b\")\n"
    "plot(x, x)\n"
    "print(\"text\")\n"
    "table(a = [1, 2], b = [3 ms, 4 ms])\n"
    "table(c = [5])\n";

static void test_tables(void) {
  Told t;
  Dyn *d = start(&t);
  DynTable table;
  CHECK(load(d, drawing) == DYN_OK && dyn_run(d) == DYN_OK, "%s", t.diagnosed);
  CHECK(dyn_table(d, 0, &table) && table.rows == 2 && table.columns == 2, "the first table");
  CHECK(strcmp(table.cell[0], "a") == 0 && strcmp(table.cell[2], "1") == 0, "head, then rows");
  CHECK(dyn_table(d, 1, &table) && strcmp(table.cell[1], "5") == 0, "the second table");
  CHECK(!dyn_table(d, 2, &table), "no third table");
  dyn_free(d);
}

static void test_figures(void) {
  Told t;
  Dyn *d = start(&t);
  DynFigure f;
  CHECK(dyn_figure_count(d) == 0 && !dyn_figure_svg(d, 0), "nothing is loaded");
  CHECK(load(d, drawing) == DYN_OK && dyn_run(d) == DYN_OK, "%s", t.diagnosed);
  CHECK(dyn_figure_count(d) == 2, "%zu figures", dyn_figure_count(d));
  CHECK(dyn_figure(d, 0, &f) && strcmp(f.name, "square") == 0, "the name of its let");
  CHECK(strcmp(f.title, "a < b") == 0, "%s", f.title);
  CHECK(dyn_figure(d, 1, &f) && strcmp(f.name, "figure-2") == 0 && !*f.title, "%s", f.name);
  CHECK(!dyn_figure(d, 2, &f) && !dyn_figure_svg(d, 2), "no third figure");
  const char *svg = dyn_figure_svg(d, 0);
  bool drawn = svg && strstr(svg, "</svg>") && strstr(svg, "a &lt; b");
  CHECK(drawn || strstr(t.diagnosed, "gnuplot"), "drawn, or said why not: %s", t.diagnosed);
  dyn_free(d);
}

static void test_files(void) {
  Told t;
  Dyn *d = start(&t);
  CHECK(dyn_file(d, 0) == NULL, "nothing is loaded");
  CHECK(load(d, drawing) == DYN_OK && dyn_run(d) == DYN_OK, "%s", t.diagnosed);
  CHECK(dyn_file(d, 0) == NULL, "from memory, with a module of the library's own");
  CHECK(load(d, "import \"lib.dyn\" as lib\nlet a = load(\"data.csv\")\n") == DYN_OK, "loads");
  CHECK(dyn_check(d) != DYN_OK, "neither is there");
  CHECK(dyn_file(d, 0) && strcmp(dyn_file(d, 0), "lib.dyn") == 0, "an import");
  CHECK(dyn_file(d, 1) && strstr(dyn_file(d, 1), "data.csv") && !dyn_file(d, 2), "and data");
  CHECK(dyn_load_file(d, "/nonexistent/model.dyn") == DYN_IO, "no such file");
  CHECK(dyn_file(d, 0) && strcmp(dyn_file(d, 0), "/nonexistent/model.dyn") == 0, "the model");
  dyn_free(d);
}

/* Two at a time: neither sees the other's model, parameters or errors. */
static void test_two(void) {
  Told s, t;
  Dyn *a = start(&s), *b = start(&t);
  DynArray x = {.rank = -1}, y = {.rank = -1};
  dyn_set_param(b, "k", "1 Hz");
  CHECK(load(a, decay) == DYN_OK && load(b, decay) == DYN_OK, "%s", s.diagnosed);
  CHECK(dyn_run(a) == DYN_CLAIM_FAILED && dyn_run(b) == DYN_CLAIM_FAILED, "%s", t.diagnosed);
  CHECK(load(b, "let x = nosuch\n") == DYN_OK && dyn_run(b) == DYN_MODEL_ERROR, "an error in b");
  CHECK(!*s.diagnosed && strstr(t.diagnosed, "nosuch"), "%s", s.diagnosed);
  CHECK(dyn_read(a, "run.y", &x) && !dyn_read(b, "run.y", &y), "a keeps its results");
  if (x.rank == 1) CHECK_NEAR(x.data[100], 2 * exp(-2), 1e-8, "made with its own parameter");
  dyn_free(a);
  CHECK(load(b, decay) == DYN_OK && dyn_run(b) == DYN_CLAIM_FAILED, "b goes on alone");
  dyn_free(b);
}

static void test_names(void) {
  Dyn *d = dyn_new();
  const char *name;
  size_t n = 0;
  for (; (name = dyn_name(d, n)); n++) CHECK(dyn_help(d, name) != NULL, "help %s", name);
  CHECK(n > 300, "%zu names", n);
  for (n = 0; (name = dyn_code(d, n)); n++) CHECK(dyn_explain(d, name) != NULL, "explain %s", name);
  CHECK(n > 100, "%zu codes", n);
  for (n = 0; (name = dyn_reference_page(d, n)); n++)
    CHECK(dyn_reference(d, name) != NULL, "page %s", name);
  CHECK(n > 3 && !dyn_reference(d, "nosuch"), "%zu pages", n);
  CHECK(strstr(dyn_help(d, "ms"), "0.001 s") != NULL, "a unit");
  CHECK(strstr(dyn_help(d, "lif"), "from std.neurons import lif") != NULL, "the library");
  CHECK(strstr(dyn_help(d, "rtol"), "dopri5") != NULL, "an argument");
  dyn_free(d);
}

static void test_texts(void) {
  Told t;
  Dyn *d = start(&t);
  CHECK(dyn_format(d) == NULL && dyn_graph(d) == NULL, "nothing is loaded");
  load(d, decay);
  const char *laid_out = dyn_format(d);
  CHECK(laid_out && strstr(laid_out, "## Rate of the decay."), "comments are kept");
  const char *graph = dyn_graph(d);
  CHECK(graph && strstr(graph, "network n"), "%s", t.diagnosed);
  CHECK(dyn_explain(d, "E0201") && !dyn_explain(d, "E9999"), "explain");
  CHECK(dyn_help(d, "simulate") && dyn_help(d, "network") && dyn_help(d, ""), "help");
  CHECK(!dyn_help(d, "simulte"), "nothing of that name");
  const char *near = dyn_help_nearest(d, "simulte");
  CHECK(near && strcmp(near, "simulate") == 0, "did you mean");
  CHECK(strcmp(dyn_version(), DYN_VERSION) == 0, "version");
  dyn_free(d);
}

int main(void) {
  test_run();
  test_params();
  test_errors();
  test_cancel();
  test_tables();
  test_figures();
  test_files();
  test_two();
  test_names();
  test_texts();
  return check_done("api");
}
