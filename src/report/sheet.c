/* sheet.c: see sheet.h. Sizes are found from the parts up, places given from the whole down. Widths
   of texts are estimated: no renderer's fonts are known here. */
#include "report/sheet.h"

#include <math.h>
#include <string.h>

#include "report/label.h"

enum {
  ALONE_WIDTH = 480,
  ALONE_HEIGHT = 320,
  CELL_WIDTH = 320,
  CELL_HEIGHT = 240,
  SHARED_WIDTH = 600,
  SHARED_HEIGHT = 130,
  IMAGE_HEIGHT = 170,
  HEADING_HEIGHT = 26,
  MARGIN = 10,
  TICK_LENGTH = 4,
};

/* Helvetica's letters are half as wide as high, its digits a little wider. */
double text_width(size_t characters) {
  return 0.57 * FONT_PX * (double)characters;
}

const char *text_fitted(Arena *a, const char *text, double px) {
  size_t n = text ? label_length(text) : 0, room = px > 0 ? (size_t)(px / text_width(1)) : 0;
  if (n <= room || n < 4) return text;
  const char *end = text;
  for (size_t i = 0; *end && (((unsigned char)*end & 0xc0) == 0x80 || i++ + 1 < room); end++)
    continue;
  return arena_printf(a, "%.*s…", (int)(end - text), text);
}

/* ---- legend ---------------------------------------------------------------------------------- */

static bool has_entry(const Panel *p, const char *label) {
  for (int i = 0; i < p->nlegend; i++)
    if (strcmp(p->legend[i]->label, label) == 0) return true;
  return false;
}

/* One curve needs no legend, if the axis says what it is. */
static bool is_told_by_axis(const Panel *p) {
  const char *y = p->axes->y.label;
  return p->nlegend == 1 && (p->axes->marks.n == 1 || (y && strcmp(p->legend[0]->label, y) == 0));
}

static void find_legend(Panel *p) {
  const Marks *marks = &p->axes->marks;
  for (size_t i = 0; i < marks->n && p->nlegend < LEGEND_MOST; i++) {
    const Mark *m = &marks->at[i];
    if (m->label && *m->label && !has_entry(p, m->label)) p->legend[p->nlegend++] = m;
  }
  if (is_told_by_axis(p)) p->nlegend = 0;
}

static double legend_width(const Panel *p) {
  size_t most = 0;
  for (int i = 0; i < p->nlegend; i++) {
    size_t n = label_length(p->legend[i]->label);
    most = n > most ? n : most;
  }
  return p->nlegend ? LEGEND_GAP + LEGEND_SAMPLE + text_width(most) : 0;
}

/* ---- margins --------------------------------------------------------------------------------- */

static bool is_shaded(const Axes *axes) {
  bool shaded = axes->image != NULL;
  for (size_t i = 0; i < axes->marks.n; i++) shaded = shaded || axes->marks.at[i].valued;
  return shaded;
}

static double bar_width(const Panel *p) {
  if (!p->shades) return 0;
  double name = *p->vz.text ? LINE_HEIGHT : 0;
  return BAR_GAP + BAR_WIDTH + TICK_LENGTH + 4 + text_width(ticks_width(&p->vz.ticks)) + name;
}

/* Numbers stand below each other without touching, and beside each other with two blanks between.
 */
static void make_ticks(Arena *a, Panel *p) {
  double wide = p->w - p->left - p->right, high = p->h - p->top - p->bottom;
  view_ticks(a, &p->axes->y, (int)(high / 36), &p->vy);
  if (p->shades) view_ticks(a, &p->axes->z, (int)(high / 36), &p->vz);
  for (int most = (int)(wide / 45); most >= 2; most--) {
    View v = p->vx;
    view_ticks(a, &p->axes->x, most, &v);
    bool fits = text_width(ticks_width(&v.ticks) + 2) * v.ticks.n <= wide;
    if (!fits && most > 2) continue;
    p->vx = v;
    return;
  }
  view_ticks(a, &p->axes->x, 2, &p->vx);
}

/* However small the figure is, a part of it is left for the data. */
static void limit_margins(double *before, double *behind, double whole) {
  double most = 0.75 * whole, all = *before + *behind;
  if (all <= most) return;
  *before *= most / all;
  *behind *= most / all;
}

static void find_margins(Arena *a, Panel *p) {
  p->left = p->right = 50;
  p->heading = (p->axes->title ? LINE_HEIGHT + 4 : 0) + (p->axes->note ? LINE_HEIGHT + 1 : 0) +
               (p->axes->stretches_named && p->axes->stretches.n ? LINE_HEIGHT : 0);
  p->top = MARGIN + p->heading;
  p->bottom = p->x_named ? 26 + (*p->vx.text ? LINE_HEIGHT + 2 : 0) : MARGIN;
  make_ticks(a, p);
  double name = *p->vy.text ? LINE_HEIGHT + 2 : 0;
  p->left = MARGIN / 2.0 + name + text_width(ticks_width(&p->vy.ticks)) + TICK_LENGTH + 6;
  p->right = MARGIN + 4 + bar_width(p) + legend_width(p);
  limit_margins(&p->left, &p->right, p->w);
  limit_margins(&p->top, &p->bottom, p->h);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

typedef struct Size {
  double w, h;
} Size;

/* How a leaf stands in the figure: alone, in a grid, in a column with a common x axis. */
typedef enum Setting { SETTING_ALONE, SETTING_GRID, SETTING_SHARED } Setting;

/* Long names make a figure larger, up to a limit; beyond it they are cut. */
static void make_room(const Axes *axes, Size *s) {
  enum { WIDE = 760, HIGH = 440, AROUND = 90 };
  const char *across[] = {axes->title, axes->note, axes->x.label};
  for (int i = 0; i < 3; i++) {
    double need = across[i] ? text_width(label_length(across[i])) + AROUND : 0;
    s->w = fmax(s->w, fmin(need, WIDE));
  }
  double need = axes->y.label ? text_width(label_length(axes->y.label)) + AROUND : 0;
  s->h = fmax(s->h, fmin(need, HIGH));
}

static Size leaf_size(const Figure *f, Setting setting) {
  static const Size sizes[] = {
      {ALONE_WIDTH, ALONE_HEIGHT}, {CELL_WIDTH, CELL_HEIGHT}, {SHARED_WIDTH, SHARED_HEIGHT}};
  Size s = sizes[setting];
  Panel p = {.axes = f->axes, .figure = f};
  find_legend(&p);
  if (setting != SETTING_SHARED) s.w += legend_width(&p);
  if (setting == SETTING_SHARED && f->axes->image) s.h = IMAGE_HEIGHT;
  if (is_shaded(f->axes) && setting != SETTING_SHARED) s.w += 60;
  double rows = LINE_HEIGHT * p.nlegend + 60;
  if (s.h < rows) s.h = rows;
  make_room(f->axes, &s);
  if (f->width > 0) s.w = f->width;
  if (f->height > 0) s.h = f->height;
  return s;
}

static int row_count(const Figure *f) {
  return (f->nparts + f->columns - 1) / f->columns;
}

static Setting setting_in(const Figure *grid) {
  return grid->shared ? SETTING_SHARED : grid->nparts == 1 ? SETTING_ALONE : SETTING_GRID;
}

/* The lowest panel of a shared grid has room for the name of the axis. */
static bool is_lowest(const Figure *grid, int i) {
  return !grid->shared || i + grid->columns >= grid->nparts;
}

static Size natural_size(Arena *a, const Figure *f, Setting setting);

static void grid_sizes(Arena *a, const Figure *f, double *wide, double *high) {
  for (int i = 0; i < f->nparts; i++) {
    Size s = natural_size(a, f->part[i], setting_in(f));
    if (f->shared && is_lowest(f, i)) s.h += 28;
    wide[i % f->columns] = fmax(wide[i % f->columns], s.w);
    high[i / f->columns] = fmax(high[i / f->columns], s.h);
  }
}

static double sum(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += x[i];
  return s;
}

static Size natural_size(Arena *a, const Figure *f, Setting setting) {
  if (f->axes) return leaf_size(f, setting);
  int nrows = row_count(f);
  double *wide = ARENA_ARRAY(a, double, f->columns + 1), *high = ARENA_ARRAY(a, double, nrows + 1);
  grid_sizes(a, f, wide, high);
  Size s = {sum(wide, f->columns), sum(high, nrows) + (f->title ? HEADING_HEIGHT : 0)};
  if (f->width > 0) s.w = f->width;
  if (f->height > 0) s.h = f->height;
  return s;
}

/* ---- places ---------------------------------------------------------------------------------- */

typedef struct Box {
  double x, y, w, h;
} Box;

static void place_leaf(Arena *a, Sheet *out, const Figure *f, Box box, bool x_named) {
  Panel *p = vec_push(a, &out->panels);
  *p = (Panel){.axes = f->axes, .figure = f, .x = box.x, .y = box.y, .w = box.w, .h = box.h};
  p->x_named = x_named;
  p->shades = is_shaded(f->axes);
  view_make(a, f->axes, AXIS_X, &p->vx);
  view_make(a, f->axes, AXIS_Y, &p->vy);
  if (p->shades) view_make(a, f->axes, AXIS_Z, &p->vz);
  find_legend(p);
  find_margins(a, p);
}

/* Panels below each other begin and end at one place, those beside each other too. */
static void align(Sheet *out, const Figure *grid, const int *panel) {
  for (int i = 0; i < grid->nparts; i++) {
    if (panel[i] < 0) continue;
    Panel *p = &out->panels.at[panel[i]];
    for (int k = 0; k < grid->nparts; k++) {
      if (panel[k] < 0) continue;
      const Panel *q = &out->panels.at[panel[k]];
      bool column = k % grid->columns == i % grid->columns,
           row = k / grid->columns == i / grid->columns;
      if (column) p->left = fmax(p->left, q->left);
      if (column && grid->shared) p->right = fmax(p->right, q->right);
      if (row) p->top = fmax(p->top, q->top);
      if (row) p->bottom = fmax(p->bottom, q->bottom);
    }
  }
}

static void place(Arena *a, Sheet *out, const Figure *f, Box box, bool x_named);

static void place_grid(Arena *a, Sheet *out, const Figure *f, Box box) {
  int nrows = row_count(f);
  double *wide = ARENA_ARRAY(a, double, f->columns + 1), *high = ARENA_ARRAY(a, double, nrows + 1);
  int *panel = ARENA_ARRAY(a, int, f->nparts + 1);
  double heading = f->title ? HEADING_HEIGHT : 0;
  grid_sizes(a, f, wide, high);
  double sx = box.w / sum(wide, f->columns), sy = (box.h - heading) / sum(high, nrows);
  if (f->title)
    *vec_push(a, &out->headings) = (Heading){box.x + MARGIN / 2.0, box.y + 18, f->title};
  for (int i = 0; i < f->nparts; i++) {
    int row = i / f->columns, column = i % f->columns;
    Box cell = {box.x + sx * sum(wide, column), box.y + heading + sy * sum(high, row),
                sx * wide[column], sy * high[row]};
    panel[i] = f->part[i]->axes ? (int)out->panels.n : -1;
    place(a, out, f->part[i], cell, is_lowest(f, i));
  }
  align(out, f, panel);
}

static void place(Arena *a, Sheet *out, const Figure *f, Box box, bool x_named) {
  if (f->axes)
    place_leaf(a, out, f, box, x_named);
  else
    place_grid(a, out, f, box);
}

void sheet_lay_out(Arena *a, const Figure *f, Sheet *out) {
  *out = (Sheet){0};
  Size s = natural_size(a, f, SETTING_ALONE);
  out->width = s.w;
  out->height = s.h;
  place(a, out, f, (Box){0, 0, s.w, s.h}, true);
}
