/* gnuplot.c: see gnuplot.h. A script of commands and one file with all numbers are written into the
   folder of the figures; both are removed again. Every axis runs from 0 to 1, and all text is put
   where the sheet says, as plain text: gnuplot neither computes nor interprets anything. */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "report/color.h"
#include "report/label.h"
#include "report/sheet.h"
#include "report/thin.h"

static const char SCRIPT[] = "figures.gnuplot", DATA[] = "figures.data", MESSAGES[] = "figures.log";

typedef struct Draft {
  Arena *arena; /* of one drawing: large */
  FILE *script, *data;
  const Sheet *sheet;
  const Panel *panel;
  int labels; /* set so far */
} Draft;

/* ---- terminals ------------------------------------------------------------------------------- */

typedef struct Format {
  const char *suffix, *terminal;
  double scale; /* from px to the terminal's units */
  const char *unit;
} Format;

#define CAIRO "noenhanced rounded font 'Helvetica,8.25' "
static const Format formats[] = {
    {".svg", "svg noenhanced rounded font 'Helvetica,11' background '#ffffff'", 1, ""},
    {".pdf", "pdfcairo " CAIRO "fontscale 0.75 linewidth 1.5 pointscale 0.75", 1 / 96.0, "in"},
    {".png", "pngcairo " CAIRO "fontscale 3 linewidth 3 pointscale 3", 3, ""},
};

static const Format *format_of(const char *file) {
  size_t n = strlen(file);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    size_t m = strlen(formats[i].suffix);
    if (n > m && strcmp(file + n - m, formats[i].suffix) == 0) return &formats[i];
  }
  return NULL;
}

bool gnuplot_can_draw(const char *file) {
  return format_of(file) != NULL;
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* In double quotes; what gnuplot could take for more than text is written as octal numbers. */
static void put_quoted(Draft *d, const char *text) {
  putc('"', d->script);
  for (const char *p = label_clean(d->arena, text); *p; p++) {
    if (strchr("\"\\`", *p))
      fprintf(d->script, "\\%03o", (unsigned char)*p);
    else
      putc(*p, d->script);
  }
  putc('"', d->script);
}

#define TITLE_FONT "left font 'Helvetica:Bold'"
#define NOTE_FONT "left textcolor rgb '#777777'"

static double screen_x(const Draft *d, double px) {
  return px / d->sheet->width;
}

static double screen_y(const Draft *d, double px) {
  return 1 - px / d->sheet->height;
}

/* `how`: "center", "left rotate by 90" ...; x, y in px: the middle of the text's height. */
static void put_text(Draft *d, double x, double y, const char *how, const char *text) {
  if (!text || !*text) return;
  fprintf(d->script, "set label %d ", ++d->labels);
  put_quoted(d, text);
  fprintf(d->script, " at screen %.6f,%.6f %s front\n", screen_x(d, x), screen_y(d, y), how);
}

static double plot_left(const Panel *p) {
  return p->x + p->left;
}

static double plot_right(const Panel *p) {
  return p->x + p->w - p->right;
}

static double plot_top(const Panel *p) {
  return p->y + p->top;
}

static double plot_bottom(const Panel *p) {
  return p->y + p->h - p->bottom;
}

static void put_texts(Draft *d) {
  const Panel *p = d->panel;
  Arena *a = d->arena;
  double middle = (plot_left(p) + plot_right(p)) / 2, height = p->h - 10;
  double width = p->x + p->w - plot_left(p) - 4;
  if (p->x_named)
    put_text(d, middle, plot_bottom(p) + 34, "center", text_fitted(a, p->vx.text, width));
  put_text(d, p->x + 11, (plot_top(p) + plot_bottom(p)) / 2, "center rotate by 90",
           text_fitted(a, p->vy.text, height));
  double line = plot_top(p) - p->heading + 11;
  put_text(d, plot_left(p), line, TITLE_FONT, text_fitted(a, p->axes->title, 0.93 * width));
  if (p->axes->title) line += LINE_HEIGHT + 1;
  put_text(d, plot_left(p), line, NOTE_FONT, text_fitted(a, p->axes->note, width));
  if (p->vx.empty || p->vy.empty)
    put_text(d, middle, (plot_top(p) + plot_bottom(p)) / 2, "center textcolor rgb '#777777'",
             "no finite values");
}

/* ---- axes ------------------------------------------------------------------------------------ */

static void put_ticks(Draft *d, const char *which, const View *v, bool named) {
  const Ticks *t = &v->ticks;
  fprintf(d->script, "set %s out nomirror scale 0.5,0.3 offset %s (", which,
          which[0] == 'x' ? "0,0.35" : "0.4,0");
  const char *comma = "";
  for (int i = 0; i < t->n; i++) {
    double at = (t->at[i] - v->lo) / (v->hi - v->lo);
    fputs(comma, d->script);
    put_quoted(d, named ? t->text[i] : "");
    fprintf(d->script, " %.7g", at);
    comma = ", ";
  }
  for (int i = 0; i < t->nsmall; i++, comma = ", ")
    fprintf(d->script, "%s'' %.7g 1", comma, (t->small[i] - v->lo) / (v->hi - v->lo));
  fputs(")\n", d->script);
}

static void put_frame(Draft *d, double left, double right, double top, double bottom) {
  fprintf(d->script, "set lmargin at screen %.6f\nset rmargin at screen %.6f\n", screen_x(d, left),
          screen_x(d, right));
  fprintf(d->script, "set tmargin at screen %.6f\nset bmargin at screen %.6f\n", screen_y(d, top),
          screen_y(d, bottom));
}

static void put_axes(Draft *d) {
  const Panel *p = d->panel;
  put_frame(d, plot_left(p), plot_right(p), plot_top(p), plot_bottom(p));
  fprintf(d->script, "set border %d linewidth 0.8\n", p->axes->image ? 15 : 3);
  put_ticks(d, "xtics", &p->vx, p->x_named);
  put_ticks(d, "ytics", &p->vy, true);
  if (!p->nlegend) return;
  double x = p->x + p->w - 8 - LEGEND_SAMPLE;
  size_t most = 0;
  for (int i = 0; i < p->nlegend; i++) {
    size_t n = label_length(p->legend[i]->label);
    most = n > most ? n : most;
  }
  fprintf(d->script,
          "set key at screen %.6f,%.6f left top vertical Left reverse samplen 1.6 spacing 1.25 "
          "width 0 height 0 noautotitle\n",
          screen_x(d, x - text_width(most)), screen_y(d, plot_top(p) - 4));
}

/* ---- stretches
 * ----------------------------------------------------------------------------------- */

static double within(double x) {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Names stand in the lowest line of the heading, unless they would be cut to nothing. */
static void put_stretch_name(Draft *d, const Stretch *s, double lo, double hi) {
  enum { LETTERS_LEAST = 3 };
  const Panel *p = d->panel;
  double wide = plot_right(p) - plot_left(p), room = (hi - lo) * wide;
  if (room < text_width(LETTERS_LEAST) && room < text_width(label_length(s->name))) return;
  put_text(d, plot_left(p) + (lo + hi) / 2 * wide, plot_top(p) - 6,
           "center textcolor rgb '#777777'", text_fitted(d->arena, s->name, room));
}

/* Every second one lies shaded behind the marks. */
static void put_stretches(Draft *d) {
  const Panel *p = d->panel;
  int seen = 0;
  for (size_t i = 0; i < p->axes->stretches.n; i++) {
    const Stretch *s = &p->axes->stretches.at[i];
    double lo = within(view_fraction(&p->vx, s->lo)), hi = within(view_fraction(&p->vx, s->hi));
    if (!(lo < hi)) continue;
    if (seen++ % 2)
      fprintf(d->script,
              "set object rectangle from graph %.6f,0 to graph %.6f,1 behind fillcolor rgb "
              "'#777777' fillstyle transparent solid 0.13 noborder\n",
              lo, hi);
    if (p->axes->stretches_named) put_stretch_name(d, s, lo, hi);
  }
}

/* ---- data ------------------------------------------------------------------------------------ */

typedef struct MarkStyle {
  int columns;
  const char *use, *style, *sample;
} MarkStyle;

static const MarkStyle styles[] = {
#define MARK(name, columns, use, style, sample) {columns, use, style, sample},
#include "report/mark.def"
#undef MARK
};

static const ColorMap *map_of(const Panel *p) {
  bool both = p->vz.lo < 0 && p->vz.lo == -p->vz.hi && p->axes->image;
  return map_find(p->axes->map ? p->axes->map : both ? "diverging" : "viridis");
}

static uint32_t pack(Rgb c) {
  return (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
}

/* `plain` counts the marks that take the next colour of the palette. */
static Rgb color_of(const Panel *p, const Mark *m, int *plain) {
  Rgb c;
  if (m->color && color_read(m->color, &c)) return c;
  if (!m->shades) return palette_color((*plain)++);
  const ColorMap *map = map_find(p->axes->map ? p->axes->map : "viridis");
  return map_color(map, m->shades < 2 ? 0 : 0.92 * m->shade / (m->shades - 1));
}

static double width_of(const Mark *m) {
  return (m->faint ? 0.8 : 1.4) * m->size;
}

static double point_size(const Mark *m) {
  return (m->n > 3000 ? 0.2 : m->n > 400 ? 0.3 : m->n > 40 ? 0.45 : 0.6) * m->size;
}

static void put_look(Draft *d, const Mark *m, Rgb color, bool variable) {
  bool points = m->kind == MARK_points || m->kind == MARK_crosses || m->kind == MARK_diamonds;
  if (points) fprintf(d->script, " pointsize %.3g", point_size(m));
  fprintf(d->script, " linewidth %.3g", width_of(m));
  if (m->dashed) fputs(" dashtype (6,4)", d->script);
  if (variable)
    fputs(" linecolor rgb variable", d->script);
  else
    fprintf(d->script, " linecolor rgb '#%06x'", pack(color));
}

/* The number that colours a point becomes its colour. */
static void color_points(const Panel *p, Points *points) {
  const ColorMap *map = map_of(p);
  for (int64_t i = 0; i < points->n; i++) {
    float *shade = &points->at[3 * i + 2];
    double x = view_fraction(&p->vz, *shade);
    *shade = (float)pack(isnan(x) ? COLOR_MISSING : map_color(map, x));
  }
}

static void put_mark(Draft *d, const Mark *m, int *plain) {
  const Panel *p = d->panel;
  Points points = thin_mark(d->arena, m, &p->vx, &p->vy, plot_right(p) - plot_left(p),
                            plot_bottom(p) - plot_top(p));
  Rgb color = color_of(p, m, plain);
  if (points.n == 0) return;
  if (m->valued) color_points(p, &points);
  long offset = ftell(d->data);
  fwrite(points.at, sizeof(float), (size_t)(points.n * points.columns), d->data);
  fprintf(d->script, ", '%s' binary skip=%ld record=%lld format='", DATA, offset,
          (long long)points.n);
  for (int i = 0; i < points.columns; i++) fputs("%float32", d->script);
  fprintf(d->script, "' using %s%s with %s", styles[m->kind].use, m->valued ? ":3" : "",
          styles[m->kind].style);
  put_look(d, m, color, m->valued);
  fputs(" notitle", d->script);
}

/* Cells are given by the centre of the first one. */
static void put_pixels(Draft *d, const Pixels *p) {
  if (!p->rows || !p->cols || isnan(p->x0 + p->x1 + p->y0 + p->y1)) return;
  double dx = (p->x1 - p->x0) / (double)p->cols, dy = (p->y1 - p->y0) / (double)p->rows;
  long offset = ftell(d->data);
  fwrite(p->at, 3, (size_t)(p->rows * p->cols), d->data);
  fprintf(d->script, ", '%s' binary skip=%ld array=(%lld,%lld) format='%%uchar%%uchar%%uchar' ",
          DATA, offset, (long long)p->cols, (long long)p->rows);
  fprintf(d->script, "origin=(%.9g,%.9g) dx=%.9g dy=%.9g using 1:2:3 with rgbimage notitle",
          p->x0 + dx / 2, p->y0 + dy / 2, dx, dy);
}

static void put_image(Draft *d) {
  const Panel *p = d->panel;
  Pixels pixels = thin_image(d->arena, p->axes->image, &p->vx, &p->vy, &p->vz, map_of(p),
                             plot_right(p) - plot_left(p), plot_bottom(p) - plot_top(p));
  put_pixels(d, &pixels);
}

/* ---- colour bar and legend ------------------------------------------------------------------- */

static void put_bar(Draft *d) {
  enum { STEPS = 128, ACROSS = 8 };
  const Panel *p = d->panel;
  double left = plot_right(p) + BAR_GAP, right = left + BAR_WIDTH;
  Pixels bar = {.rows = STEPS, .cols = ACROSS, .x1 = 1, .y1 = 1};
  bar.at = ARENA_ARRAY(d->arena, uint8_t, 3 * STEPS * ACROSS);
  for (int i = 0; i < STEPS * ACROSS; i++) {
    Rgb c = map_color(map_of(p), (i / ACROSS + 0.5) / STEPS);
    memcpy(bar.at + 3 * i, &(uint8_t[]){c.r, c.g, c.b}, 3);
  }
  fputs("unset label; unset key; unset xtics; unset ytics\n", d->script);
  d->labels = 0;
  put_text(d, right + 12 + text_width(ticks_width(&p->vz.ticks)) + 8,
           (plot_top(p) + plot_bottom(p)) / 2, "center rotate by 90", p->vz.text);
  put_frame(d, left, right, plot_top(p), plot_bottom(p));
  fputs("set border 15 linewidth 0.6\nset y2range [0:1]\n", d->script);
  put_ticks(d, "y2tics", &p->vz, true);
  fputs("plot 2 notitle", d->script);
  put_pixels(d, &bar);
  fputs("\nunset y2tics\n", d->script);
}

static void put_legend(Draft *d) {
  const Panel *p = d->panel;
  int plain = 0;
  for (size_t i = 0; i < p->axes->marks.n; i++) {
    const Mark *m = &p->axes->marks.at[i];
    Rgb color = color_of(p, m, &plain);
    bool listed = false;
    for (int k = 0; k < p->nlegend; k++) listed = listed || p->legend[k] == m;
    if (!listed) continue;
    fprintf(d->script, ", keyentry with %s", styles[m->kind].sample);
    put_look(d, m, color, false);
    fputs(" title ", d->script);
    put_quoted(d, m->label);
  }
}

/* ---- figures --------------------------------------------------------------------------------- */

enum { CURVES_MOST = 256 };

static void put_panel(Draft *d) {
  const Axes *axes = d->panel->axes;
  int plain = 0;
  fputs("unset label; unset key\n", d->script);
  d->labels = 0;
  put_texts(d);
  put_stretches(d);
  put_axes(d);
  fputs("plot 2 notitle", d->script);
  if (axes->image) put_image(d);
  size_t step = axes->marks.n / CURVES_MOST + 1;
  for (size_t i = 0; i < axes->marks.n; i += step) put_mark(d, &axes->marks.at[i], &plain);
  if (d->panel->nlegend) put_legend(d);
  fputs("\nunset object\n", d->script);
  if (d->panel->shades) put_bar(d);
}

static void put_headings(Draft *d) {
  fputs("unset label; unset key\n", d->script);
  d->labels = 0;
  for (size_t i = 0; i < d->sheet->headings.n; i++) {
    const Heading *h = &d->sheet->headings.at[i];
    put_text(d, h->x, h->y - 4, TITLE_FONT,
             text_fitted(d->arena, h->text, 0.93 * (d->sheet->width - h->x)));
  }
  fputs("unset xtics; unset ytics; unset border\nplot 2 notitle\n", d->script);
}

static void put_drawing(Draft *d, const Drawing *drawing) {
  const Format *f = format_of(drawing->file);
  Sheet sheet;
  sheet_lay_out(d->arena, drawing->figure, &sheet);
  d->sheet = &sheet;
  fprintf(d->script, "set terminal %s size %.6g%s,%.6g%s\n", f->terminal, sheet.width * f->scale,
          f->unit, sheet.height * f->scale, f->unit);
  fputs("set output ", d->script);
  put_quoted(d, drawing->file);
  fputs("\nset multiplot\n", d->script);
  if (sheet.headings.n) put_headings(d);
  for (size_t i = 0; i < sheet.panels.n; i++) {
    d->panel = &sheet.panels.at[i];
    put_panel(d);
  }
  fputs("unset multiplot\nunset output\n", d->script);
}

static const char PREAMBLE[] =
    "set encoding utf8\nset samples 2\nset xrange [0:1]\nset yrange [0:1]\n"
    "";

/* Each drawing has its thinned data in an arena of its own, and is announced in the messages. */
static bool write_files(const char *script, const char *data, const Drawing *drawings, size_t n) {
  Draft d = {.script = fopen(script, "w"), .data = fopen(data, "wb")};
  bool ok = d.script && d.data;
  if (ok) fputs(PREAMBLE, d.script);
  for (size_t i = 0; ok && i < n; i++) {
    d.arena = arena_new();
    fprintf(d.script, "print 'drawing %zu'\n", i);
    put_drawing(&d, &drawings[i]);
    arena_free(d.arena);
  }
  if (d.script && (ferror(d.script) | fclose(d.script))) ok = false;
  if (d.data && (ferror(d.data) | fclose(d.data))) ok = false;
  return ok;
}

/* ---- the process ----------------------------------------------------------------------------- */

extern char **environ;

/* Runs gnuplot in the folder, without the user's settings. Gives its exit status; -1: not started.
 */
static int run_gnuplot(const char *folder) {
  char *argv[] = {"gnuplot", "-d", (char *)SCRIPT, NULL};
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, MESSAGES, O_WRONLY | O_CREAT | O_TRUNC,
                                   0666);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  int code = posix_spawnp(&pid, "gnuplot", &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return -1;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Which drawing was begun last, and what gnuplot said of it: its last line but blanks. */
static const char *complaint(Arena *a, const char *path, size_t *reached) {
  char *text;
  size_t n;
  const char *ignored, *last = "it said nothing";
  *reached = 0;
  if (!file_read(a, path, &text, &n, &ignored)) return last;
  for (const char *line = text; *line;) {
    size_t length = strcspn(line, "\n");
    if (sscanf(line, "drawing %zu", reached) != 1 && strspn(line, " ^") < length)
      last = arena_strndup(a, line, length);
    line += length + (line[length] == '\n');
  }
  return last;
}

typedef struct Paths {
  const char *folder, *script, *data, *messages;
} Paths;

/* Draws until gnuplot stops; *done says how many it went through, the failing one included. */
static bool draw_some(Arena *a, const Paths *p, const Drawing *drawings, size_t n, size_t *done,
                      const char **why) {
  *done = n;
  if (!write_files(p->script, p->data, drawings, n)) {
    *why = arena_printf(a, "cannot write `%s`: %s", p->script, strerror(errno));
    return false;
  }
  int status = run_gnuplot(p->folder);
  if (status == 0) return true;
  if (status == -1 || status == 127) {
    *why = "gnuplot is not installed (on Debian and Ubuntu: sudo apt-get install gnuplot-nox)";
    return false;
  }
  size_t reached;
  const char *said = complaint(a, p->messages, &reached);
  *why = arena_printf(a, "gnuplot failed at %s: %s", drawings[reached].file, said);
  unlink(path_join(a, p->folder, drawings[reached].file));
  *done = reached + 1;
  return false;
}

bool gnuplot_draw(Arena *a, const char *folder, const Drawing *drawings, size_t n,
                  const char **why) {
  Paths p = {folder, path_join(a, folder, SCRIPT), path_join(a, folder, DATA),
             path_join(a, folder, MESSAGES)};
  bool all = true;
  size_t done = 0;
  for (size_t i = 0; i < n; i += done)
    all = draw_some(a, &p, drawings + i, n - i, &done, why) && all;
  unlink(p.script);
  unlink(p.data);
  unlink(p.messages);
  return all;
}
