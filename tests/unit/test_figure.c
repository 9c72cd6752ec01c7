/* test_figure.c: ticks, thinning, colours and markup; then whole runs, whose drawings and page are
   read back: well-formed, escaped, standing alone. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "dyn.h"
#include "report/color.h"
#include "report/formula.h"
#include "report/label.h"
#include "report/svg.h"
#include "report/thin.h"
#include "syntax/parse.h"

/* ---- ticks and labels ------------------------------------------------------------------------ */

static void check_ticks(Arena *a, const Ticks *t, const char *want) {
  const char *text = "";
  for (int i = 0; i < t->n; i++) text = arena_printf(a, "%s%s%s", text, i ? " " : "", t->text[i]);
  CHECK(strcmp(text, want) == 0, "ticks are %s, not %s", text, want);
}

static void test_ticks(Arena *a) {
  Ticks t;
  ticks_linear(a, 0, 1, 6, false, &t);
  check_ticks(a, &t, "0.0 0.2 0.4 0.6 0.8 1.0");
  ticks_linear(a, -82, 46, 6, false, &t); /* -50 and 0 alone would be few */
  check_ticks(a, &t, "−80 −60 −40 −20 0 20 40");
  ticks_linear(a, -2.03, 2.02, 5, false, &t);
  check_ticks(a, &t, "−2 −1 0 1 2");
  ticks_linear(a, -1e-7, 3e-7, 5, false, &t);
  check_ticks(a, &t, "−1 0 1 2 3");
  CHECK(t.exponent == -7, "10^%d", t.exponent);
  ticks_linear(a, 0, 2.4e6, 4, false, &t);
  check_ticks(a, &t, "0 1 2");
  CHECK(t.exponent == 6, "10^%d", t.exponent);
  ticks_linear(a, -0.5, 1.5, 8, true, &t);
  check_ticks(a, &t, "0 1");
  ticks_linear(a, 0.11, 0.19, 2, false, &t);
  CHECK(t.n >= 2, "one tick alone does not tell the scale");
  ticks_log(a, -3.2, 2.1, 8, &t);
  check_ticks(a, &t, "10⁻³ 10⁻² 10⁻¹ 10⁰ 10¹ 10²");
  ticks_log(a, 0, 1.1, 8, &t);
  check_ticks(a, &t, "1 2 5 10");
  ticks_log(a, 0.31, 0.33, 8, &t);
  CHECK(t.n == 3, "%d ticks between two steps", t.n);
}

static void check_label(const char *got, const char *want) {
  CHECK(strcmp(got, want) == 0, "%s, not %s", got, want);
}

static void test_labels(Arena *a) {
  check_label(label_unit(a, "uS/cm^2"), "µS/cm²");
  check_label(label_unit(a, "Mohm"), "MΩ");
  check_label(label_unit(a, "1/s^0.5"), "1/s^0.5");
  check_label(label_number(a, -1.5e-7, 3), "−1.5 × 10⁻⁷");
  check_label(label_number(a, NAN, 3), "NaN");
  check_label(label_title(a, "A bump (J. Phys. 2): one.\n\nMore."), "A bump (J. Phys. 2): one");
  const char *two =
      "A sentence that says in the place of a title all that there is to say of one\n"
      "model (J. Phys. 2): and what comes out. Then more.";
  check_label(label_title(a, two),
              "A sentence that says in the place of a title all that there is "
              "to say of one model (J. Phys. 2)");
  check_label(label_after_title(a, two), "And what comes out. Then more.");
  check_label(label_fixed(a, -0.0001, 2), "0.00");
  check_label(label_clean(a, "a\tb\x01\xff"), "a b  ");
  check_label(markup_escape(a, "<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  CHECK(label_length("−µΩ") == 3, "characters, not bytes");
}

/* ---- thinning -------------------------------------------------------------------------------- */

enum { MANY = 1000000, WIDE = 480, HIGH = 320 };

static Mark line_of(double *x, double *y, int64_t n) {
  return (Mark){.kind = MARK_line, .n = n, .x = column_of(x, 1), .y = column_of(y, 1), .size = 1};
}

static void extremes(const Points *p, float *lo, float *hi) {
  *lo = INFINITY;
  *hi = -INFINITY;
  for (int64_t i = 0; i < p->n; i++) {
    float y = p->at[2 * i + 1];
    if (y < *lo) *lo = y;
    if (y > *hi) *hi = y;
  }
}

static void test_thinning(Arena *a) {
  double *x = ARENA_ARRAY(a, double, MANY), *y = ARENA_ARRAY(a, double, MANY);
  View vx = {.factor = 1, .lo = 0, .hi = MANY}, vy = {.factor = 1, .lo = -2, .hi = 3};
  float lo, hi;
  for (int i = 0; i < MANY; i++) {
    x[i] = i;
    y[i] = sin(0.01 * i);
  }
  y[123456] = 2.5; /* one spike in a million points stays */
  Mark m = line_of(x, y, MANY);
  Points p = thin_mark(a, &m, &vx, &vy, WIDE, HIGH);
  extremes(&p, &lo, &hi);
  CHECK(p.n <= 4 * (WIDE + 1), "%lld points", (long long)p.n);
  CHECK_NEAR(hi, (2.5 + 2) / 5, 1e-6, "the spike");
  for (int i = 500000; i < 600000; i++) y[i] = i % 2 ? NAN : INFINITY;
  p = thin_mark(a, &m, &vx, &vy, WIDE, HIGH);
  int gaps = 0;
  for (int64_t i = 0; i < p.n; i++) gaps += isnan(p.at[2 * i]) != 0;
  CHECK(gaps == 1, "%d gaps", gaps);
  for (int i = 0; i < MANY; i++) { /* a curve that goes round and round */
    x[i] = MANY / 2.0 * (1 + cos(1e-3 * i));
    y[i] = sin(1.1e-3 * i);
  }
  p = thin_mark(a, &m, &vx, &vy, WIDE, HIGH);
  CHECK(p.n > 1000 && p.n < 60000, "%lld points of a path", (long long)p.n);
  m.kind = MARK_points;
  p = thin_mark(a, &m, &vx, &vy, WIDE, HIGH);
  CHECK(p.n > 1000 && p.n <= 20000, "%lld points", (long long)p.n);
}

/* A point between gaps is seen, at its place; one that has a neighbour stays as it is. */
static void test_lone_points(Arena *a) {
  double x[] = {0, 1, 2, 3, 4}, y[] = {1, NAN, 2, 3, NAN};
  View v = {.factor = 1, .lo = 0, .hi = 4};
  Mark m = line_of(x, y, 5);
  Points p = thin_mark(a, &m, &v, &v, WIDE, HIGH);
  CHECK(p.n >= 5, "%lld points", (long long)p.n);
  CHECK_NEAR(p.at[2] - p.at[0], 3.0 / WIDE, 1e-6, "a dash");
  CHECK_NEAR(p.at[0] + p.at[2], 0, 1e-6, "about its point");
  CHECK_NEAR(p.at[3], 0.25, 1e-6, "as high as its point");
  CHECK(isnan(p.at[4]) && p.at[6] == 0.5f && p.at[8] == 0.75f, "a gap, then two points");
}

/* Only corners are needed of what is straight, there and back again; a gap stays one. */
static void test_straight_ways(Arena *a) {
  double x[900], y[900];
  View v = {.factor = 1, .lo = 0, .hi = 300};
  for (int i = 0; i < 900; i++) {
    x[i] = i < 300 ? i : i < 600 ? 600 - i : i - 600;
    y[i] = i < 300 ? 100 : i < 600 ? 700 - i : 5;
  }
  y[450] = NAN;
  Mark m = line_of(x, y, 900);
  Points p = thin_mark(a, &m, &v, &v, WIDE, HIGH);
  int gaps = 0;
  for (int64_t i = 0; i < p.n; i++) gaps += isnan(p.at[2 * i]) != 0;
  CHECK(p.n >= 8 && p.n <= 12, "%lld points for three lines, one in two parts", (long long)p.n);
  CHECK(gaps == 1, "%d gaps", gaps);
  for (int i = 0; i < 900; i++) {
    x[i] = i / 3.0;
    y[i] = 150 + 50 * sin(0.02 * i);
  }
  p = thin_mark(a, &m, &v, &v, WIDE, HIGH);
  CHECK(p.n > 30 && p.n < 300, "%lld points of a bend", (long long)p.n);
  double worst = 0;
  for (int64_t i = 0; i + 1 < p.n; i++)
    for (double w = 0; w <= 1; w += 0.1) {
      double px = p.at[2 * i] * (1 - w) + p.at[2 * i + 2] * w;
      double py = p.at[2 * i + 1] * (1 - w) + p.at[2 * i + 3] * w;
      worst = fmax(worst, fabs(py * 300 - 150 - 50 * sin(0.06 * px * 300)) * HIGH / 300);
    }
  CHECK(worst < 0.15, "%g px beside the curve", worst);
}

static void test_bars(Arena *a) {
  double left[] = {1, 2, 3}, high[] = {10, 0, 100};
  View vx = {.factor = 1, .lo = 1, .hi = 4}, vy = {.factor = 1, .log = true, .lo = 0, .hi = 2};
  Mark m = {.kind = MARK_bars, .n = 3, .x = column_of(left, 1), .y = column_even(0, 0)};
  m.dx = column_even(1, 0);
  m.dy = column_of(high, 1);
  Points p = thin_mark(a, &m, &vx, &vy, WIDE, HIGH);
  CHECK(p.n == 8 && p.columns == 2, "%lld corners", (long long)p.n);
  CHECK_NEAR(p.at[3], 0.5, 1e-6, "the first bar");
  CHECK_NEAR(p.at[7], 0, 1e-6, "an empty one lies at the edge of a logarithmic axis");
  CHECK_NEAR(p.at[14], 1, 1e-6, "the last corner");
}

static void test_cells(Arena *a) {
  const double data[] = {0, 1, NAN, 3};
  Image im = {.at = data, .rows = 2, .cols = 2, .row_stride = 2, .col_stride = 1, .x1 = 2, .y1 = 2};
  View v = {.factor = 1, .hi = 2}, vz = {.factor = 1, .hi = 3};
  Pixels p = thin_image(a, &im, &v, &v, &vz, map_find("gray"), WIDE, HIGH);
  CHECK(p.rows % 2 == 0 && p.cols >= 200, "few cells are enlarged: %lld", (long long)p.cols);
  CHECK(p.at[0] == 255 && p.at[3 * (p.cols - 1)] == 170, "row 0 comes first");
  const uint8_t *upper = p.at + 3 * p.cols * (p.rows - 1);
  CHECK(upper[0] == COLOR_MISSING.r && upper[3 * (p.cols - 1)] == 0, "NaN has a colour of its own");
}

static void test_colors(void) {
  Rgb c = map_color(map_find("viridis"), 0), d = map_color(map_find("viridis"), 7);
  CHECK(c.r == 0x44 && c.g == 0x01 && c.b == 0x54, "viridis begins dark");
  CHECK(d.r == 0xfd && d.g == 0xe7 && d.b == 0x25, "and ends bright");
  CHECK(color_read("#0072B2", &c) && c.b == 0xb2, "numbers");
  CHECK(color_read("blue", &d) && d.g == c.g, "names");
  CHECK(!color_read("#12345", &c) && !color_read("blau", &c), "others are none");
}

/* ---- equations ------------------------------------------------------------------------------- */

static const char *set(Arena *a, const char *text) {
  DiagList diag;
  diag_init(&diag, a);
  Formula f = {.text = {.arena = a}, .as = NOTATION_MATHML};
  const Source *src = source_make(a, "x", text, strlen(text));
  const Ast *x = parse_expression(a, src, &diag);
  CHECK(x && diag.errors == 0, "%s", text);
  formula_expr(&f, x);
  return text_str(&f.text);
}

static void test_equations(Arena *a) {
  CHECK(strstr(set(a, "tau_m"), "<msub><mi>τ</mi>"), "Greek letters and subscripts");
  CHECK(strstr(set(a, "a / (b + c)"), "<mfrac>") && !strstr(set(a, "a / (b + c)"), "<mo>(</mo>"),
        "a fraction groups by itself");
  CHECK(strstr(set(a, "(a + b) * c"), "<mo>(</mo>"), "a product does not");
  CHECK(!strstr(set(a, "-70 mV + x"), "<mo>(</mo>"), "a negative quantity needs none");
  CHECK(strstr(set(a, "(10 ms)^2"), "<mo>(</mo>"), "a power of a quantity does");
  CHECK(strstr(set(a, "sqrt(x)"), "<msqrt>"), "a root");
  CHECK(strstr(set(a, "sum([x[i] for i < N])"), "∑"), "a sum");
  CHECK(strstr(set(a, "if x < 0 then 0 else x"), "<mtable class"), "cases");
}

/* ---- whole runs ------------------------------------------------------------------------------ */

static char folder[] = "/tmp/dyn-figure-XXXXXX";

static const char model[] =
    "## Title with <b>markup</b> & \"quotes\".\n\n"
    "## Gain <i>of</i> it.\nparam g = 2 in [0, 4]\n"
    "neuron leaky(tau = 10 ms) { input I\n state x = 0\n output r = tanh(x)\n tau * dx/dt = -x + I "
    "}\n"
    "network n(g = g) { population E = leaky[20]\n population I = leaky(tau = 5 ms)[5]\n"
    "  connect rec: E -> E = gaussian(g)\n connect E -> I = [0.1 for i < 5, j < 20] }\n"
    "connectivity gaussian(g) ~ normal(0, g / sqrt(pre))\n"
    "let run = simulate(n, for = 20 ms)\n"
    "let shown = plot(run)\n"
    "plot(run.t, run.E.x, title = \"'</text><script>\\\\\", note = \"a & b\")\n"
    "heatmap(n.rec)\nscatter([1, nan, 3], [1, 2, inf], color = [1, 2, 3])\n"
    "plot([nan, nan])\nplot([1, 2], [-1, -2], log = \"y\")\nplot([1, 10, 1000], log = \"xy\")\n"
    "plot([3, 3, 3])\nhistogram([1, 2, 2, 3])\nplot(zeros(0))\nheatmap(zeros([0, 3]))\n"
    "panels(overlay(plot([1, 2]), plot([2, 1]), title = \"over\"), plot([1, 2]))\n"
    "save(\"copy.pdf\", shown)\nsave(\"copy.png\", shown)\n"
    "print(\"<printed>\")\ntable(a = [1, 2], b = [1 mV, 2 mV])\n"
    "expect run.E.x[0, 0] == 0 \"<why>\"\n";

/* Does every tag close, in order, up to the end? Void elements of HTML need not. */
static bool is_well_formed(Arena *a, const char *text) {
  static const char *const empty[] = {"meta", "br", "!DOCTYPE"};
  VEC(const char *) open = {0};
  for (const char *p = strchr(text, '<'); p; p = strchr(p, '<')) {
    const char *end = strchr(p, '>');
    if (!end) return false;
    bool closes = p[1] == '/', whole = end[-1] == '/' || p[1] == '?';
    const char *name = p + 1 + closes;
    name = arena_strndup(a, name, strcspn(name, " \n/>"));
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
      whole = whole || !strcmp(name, empty[i]);
    if (closes && (!open.n || strcmp(open.at[--open.n], name) != 0)) return false;
    if (!closes && !whole) *vec_push(a, &open) = name;
    p = end;
  }
  return open.n == 0;
}

static const char *content(Arena *a, const char *name) {
  char *text;
  size_t n;
  const char *why;
  bool ok = file_read(a, path_join(a, folder, name), &text, &n, &why);
  CHECK(ok && n > 100, "%s", name);
  return ok ? text : "";
}

static void check_drawings(Arena *a) {
  for (int i = 2; i <= 12; i++) {
    const char *name = arena_printf(a, "figures/figure-%d.svg", i);
    const char *svg = content(a, name);
    CHECK(is_well_formed(a, svg) && strstr(svg, "</svg>"), "%s is well-formed", name);
    CHECK(!strstr(svg, "<script"), "%s holds no script", name);
  }
  CHECK(strstr(content(a, "figures/figure-2.svg"), "&lt;/text&gt;"), "a title is text");
  CHECK(memcmp(content(a, "figures/copy.pdf"), "%PDF", 4) == 0, "PDF by name");
  CHECK(memcmp(content(a, "figures/copy.png"), "\x89PNG", 4) == 0, "PNG by name");
  CHECK(is_well_formed(a, content(a, "figures/shown.svg")),
        "the name of a `let` is that of the file");
}

/* Every address in the page is a name of XML or leads into the folder. */
static bool stands_alone(const char *html) {
  for (const char *p = strstr(html, "//"); p; p = strstr(p + 2, "//")) {
    bool space = p - html > 12 && strncmp(p, "//www.w3.org/", 13) == 0;
    bool address = p > html && p[-1] == ':';
    if (address && !space) return false;
  }
  return !strstr(html, "<script") && !strstr(html, "<link") && !strstr(html, "@import") &&
         !strstr(html, "url(http");
}

static void check_page(Arena *a) {
  static const char *const parts[] = {"Title with &lt;b&gt;markup&lt;/b&gt;",
                                      "Gain &lt;i&gt;of",
                                      "&lt;why&gt;",
                                      "&lt;printed&gt;",
                                      "<math display=\"block\">",
                                      "b [mV]",
                                      "0 to 4",
                                      "1 of 1 claim holds",
                                      "<code>rec</code>",
                                      "prefers-color-scheme:dark",
                                      "@media print",
                                      "SHA-256",
                                      "leaky(tau = 10 ms)"};
  const char *html = content(a, "report.html");
  CHECK(is_well_formed(a, html), "the page is well-formed");
  CHECK(stands_alone(html), "it needs nothing from elsewhere");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    CHECK(strstr(html, parts[i]), "the page has %s", parts[i]);
  for (int i = 1; i <= 12; i++)
    CHECK(strstr(html, arena_printf(a, "id=\"f%d-gnuplot_canvas\"", i)), "figure %d stands in it",
          i);
  CHECK(!strstr(html, "was not drawn"), "all of them");
}

typedef struct Heard {
  char text[4000];
} Heard;

static void hear(void *ctx, const char *text) {
  Heard *h = ctx;
  strncat(h->text, text, sizeof h->text - strlen(h->text) - 1);
}

static DynStatus run_model(const char *text, Heard *heard) {
  *heard = (Heard){{0}};
  Dyn *d = dyn_new();
  DynCallbacks on = {.diagnostic = hear, .ctx = heard};
  dyn_set_callbacks(d, &on);
  dyn_set_output(d, folder);
  DynStatus s = dyn_load_text(d, "model.dyn", text, strlen(text));
  if (s == DYN_OK) s = dyn_run(d);
  dyn_free(d);
  return s;
}

/* Without an axis of its own a record is about its longest series; shorter ones are none of it. */
static void test_record_without_axis(Arena *a) {
  Heard heard;
  const char *text = "let f = plot((few = [1, 2, 3], many = [i + k for i < 50, k < 3]))";
  CHECK(run_model(text, &heard) == DYN_OK, "%s", heard.text);
  const char *svg = content(a, "figures/f.svg");
  CHECK(strstr(svg, "many") && !strstr(svg, "few"), "the rows of the matrix");
}

/* The raster of events is as high as the population, although only its first unit fires. */
static void test_silent_units(Arena *a) {
  Heard heard;
  const char *text =
      "neuron cell(I) { state v = 0; 10 ms * dv/dt = I - v; when spike: v > 1 { v = 0 } }\n"
      "network net { population p = cell(I = [if i == 0 then 2 else 0 for i < 100])[100] }\n"
      "let f = plot(simulate(net, for = 40 ms, dt = 1 ms, method = euler))";
  CHECK(run_model(text, &heard) == DYN_OK, "%s", heard.text);
  CHECK(strstr(content(a, "figures/f.svg"), ">50<"), "a tick at unit 50, which is silent");
}

/* Fixed points found from a run stand in the components of that run, which is drawn below them. */
static void test_points_of_run(Arena *a) {
  Heard heard;
  const char *text =
      "network n { state x : [4] ~ normal(0, 1); dx/dt = -x + 3 * tanh(x) }\n"
      "let run = simulate(n, for = 5)\nlet f = plot(fixed_points(n, starts = run))\n"
      "let g = plot(fixed_points(n, n = 50))";
  CHECK(run_model(text, &heard) == DYN_OK, "%s", heard.text);
  CHECK(strstr(content(a, "figures/f.svg"), ">starts<"), "the run's states");
  CHECK(!strstr(content(a, "figures/g.svg"), ">starts<"), "no run, none");
}

/* "gray" is a colour of points, although it is a colour map too. */
static void test_gray(Arena *a) {
  Heard heard;
  const char *text = "let f = scatter([1, 2, 3], [1, 2, 3], color = \"gray\")";
  CHECK(run_model(text, &heard) == DYN_OK, "%s", heard.text);
  CHECK(strstr(content(a, "figures/f.svg"), "rgb(119, 119, 119)"), "gray points");
}

/* A gnuplot that is there but fails is quoted; results are kept. */
static void test_broken_gnuplot(Arena *a) {
  Heard heard;
  const char *fake = "#!/bin/sh\necho no terminal today\nexit 3\n", *why;
  const char *bin = arena_printf(a, "%s.bin", folder), *program = path_join(a, bin, "gnuplot");
  char *path = arena_strdup(a, getenv("PATH"));
  CHECK(folder_make(a, bin, &why), "a folder");
  CHECK(file_write(a, program, fake, strlen(fake), &why) && chmod(program, 0755) == 0, "a program");
  setenv("PATH", bin, 1);
  DynStatus status = run_model("let f = plot([1, 2])\nlet x = 1", &heard);
  setenv("PATH", path, 1);
  folder_remove(a, bin, &why);
  CHECK(status == DYN_OK && strstr(heard.text, "no terminal today"), "%s", heard.text);
  CHECK(file_exists(path_join(a, folder, "results.h5")), "results are kept");
}

static void test_runs(Arena *a) {
  Heard heard;
  const char *why;
  CHECK(mkdtemp(folder) != NULL, "a folder");
  CHECK(run_model(model, &heard) == DYN_OK, "%s", heard.text);
  CHECK(strstr(heard.text, "W0906"), "empty figures are warned of");
  check_drawings(a);
  check_page(a);
  CHECK(run_model("print(1)", &heard) == DYN_OK, "%s", heard.text);
  CHECK(!file_exists(path_join(a, folder, "figures")), "no folder without figures");
  char *path = arena_strdup(a, getenv("PATH"));
  setenv("PATH", "/nonexistent", 1);
  CHECK(run_model("let f = plot([1, 2])\nlet x = 1", &heard) == DYN_OK, "%s", heard.text);
  setenv("PATH", path, 1);
  CHECK(strstr(heard.text, "gnuplot is not installed"), "without gnuplot: %s", heard.text);
  CHECK(strstr(content(a, "report.html"), "was not drawn"), "the page says so");
  CHECK(file_exists(path_join(a, folder, "results.h5")), "results are kept");
  test_record_without_axis(a);
  test_gray(a);
  test_points_of_run(a);
  test_silent_units(a);
  folder_remove(a, folder, &why);
  test_broken_gnuplot(a);
  folder_remove(a, folder, &why);
}

int main(void) {
  Arena *a = arena_new();
  test_ticks(a);
  test_labels(a);
  test_thinning(a);
  test_lone_points(a);
  test_straight_ways(a);
  test_bars(a);
  test_cells(a);
  test_colors();
  test_equations(a);
  test_runs(a);
  arena_free(a);
  return check_done("figure");
}
