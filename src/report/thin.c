/* thin.c: see thin.h. A line that goes on to the right keeps of each column of pixels the first,
   the last, the highest and the lowest point, which looks the same; another line loses the points
   that lie on top of the one before; then both lose those on a straight way between two others. A
   point without neighbours becomes a dash. Of points and strokes one is kept for each spot; bars
   become one outline. */
#include "report/thin.h"

#include <math.h>

#include "report/color.h"

enum { POINTS_MOST = 20000, PIXELS_LEAST = 240 };

static double fraction_x(const Mark *m, const View *v, int64_t i) {
  return view_fraction(v, column_at(&m->x, i));
}

static double fraction_y(const Mark *m, const View *v, int64_t i) {
  return view_fraction(v, column_at(&m->y, i));
}

static void put(Points *p, double x, double y) {
  p->at[2 * p->n] = (float)x;
  p->at[2 * p->n + 1] = (float)y;
  p->n++;
}

static void interrupt(Points *p) {
  if (p->n && !isnan(p->at[2 * p->n - 1])) put(p, NAN, NAN);
}

/* ---- lines that go on to the right ----------------------------------------------------------- */

static bool ascends(const Mark *m) {
  for (int64_t i = 1; i < m->n; i++)
    if (!(column_at(&m->x, i) >= column_at(&m->x, i - 1))) return false;
  return true;
}

/* The points of one column of pixels so far. */
typedef struct Bin {
  int64_t place, first, last, low, high; /* indices of points; place -1: empty */
  double least, most;
} Bin;

static void put_point(Points *out, const Mark *m, const View *vx, const View *vy, int64_t i) {
  put(out, fraction_x(m, vx, i), fraction_y(m, vy, i));
}

/* In the order of their indices, each once. */
static void flush(Points *out, const Mark *m, const View *vx, const View *vy, Bin *b) {
  if (b->place < 0) return;
  int64_t early = b->low < b->high ? b->low : b->high, late = b->low < b->high ? b->high : b->low;
  put_point(out, m, vx, vy, b->first);
  if (early != b->first) put_point(out, m, vx, vy, early);
  if (late != early && late != b->first) put_point(out, m, vx, vy, late);
  if (b->last != late && b->last != b->first) put_point(out, m, vx, vy, b->last);
  b->place = -1;
}

static void bin_add(Bin *b, int64_t place, int64_t i, double y) {
  if (b->place < 0) *b = (Bin){place, i, i, i, i, y, y};
  b->last = i;
  if (y < b->least) b->least = y, b->low = i;
  if (y > b->most) b->most = y, b->high = i;
}

/* Room for the columns in sight and as many beside, with four points and an interruption each. */
static int64_t series_room(const Mark *m, int64_t bins, bool all) {
  return all ? 2 * m->n + 2 : 10 * bins + 10;
}

static Points thin_series(Arena *a, const Mark *m, const View *vx, const View *vy, int64_t bins) {
  bool all = m->n <= 4 * bins, gap = false;
  Points out = {.columns = 2, .at = ARENA_ARRAY(a, float, 2 * series_room(m, bins, all))};
  Bin b = {.place = -1};
  for (int64_t i = 0; i < m->n; i++) {
    double x = fraction_x(m, vx, i), y = fraction_y(m, vy, i);
    bool seen = isfinite(x) && isfinite(y) && x > -0.5 && x < 1.5;
    gap = gap || !seen;
    if (!seen) continue;
    int64_t place = all ? i : (int64_t)floor((x + 0.5) * (double)bins);
    if (place != b.place) {
      flush(&out, m, vx, vy, &b);
      if (gap) interrupt(&out);
      gap = false;
    }
    bin_add(&b, place, i, y);
  }
  flush(&out, m, vx, vy, &b);
  return out;
}

/* ---- other lines ----------------------------------------------------------------------------- */

/* Points nearer than `least` px to the one kept before are left out; n counts even without `out`.
 */
static int64_t walk_path(const Mark *m, const View *vx, const View *vy, double wide, double high,
                         double least, Points *out) {
  int64_t kept = 0, skipped = -1;
  double px = NAN, py = NAN;
  for (int64_t i = 0; i < m->n; i++) {
    double x = fraction_x(m, vx, i), y = fraction_y(m, vy, i);
    bool seen = isfinite(x) && isfinite(y);
    if (seen && hypot((x - px) * wide, (y - py) * high) < least) {
      skipped = i;
      continue;
    }
    if (!seen && isnan(px)) continue;
    kept++;
    px = seen ? x : NAN;
    py = seen ? y : NAN;
    skipped = -1;
    if (out) put(out, px, py);
  }
  if (skipped >= 0 && out) put_point(out, m, vx, vy, skipped);
  return kept + 1;
}

static Points thin_path(Arena *a, const Mark *m, const View *vx, const View *vy, double wide,
                        double high) {
  double least = m->n <= 2000 ? 0 : 0.3;
  int64_t n = walk_path(m, vx, vy, wide, high, least, NULL);
  while (n > 2 * POINTS_MOST && least < 4) {
    least *= 1.5;
    n = walk_path(m, vx, vy, wide, high, least, NULL);
  }
  Points out = {.columns = 2, .at = ARENA_ARRAY(a, float, 2 * n + 4)};
  walk_path(m, vx, vy, wide, high, least, &out);
  return out;
}

/* ---- straight ways --------------------------------------------------------------------------- */

/* The directions in which a chord may leave `from` to pass all points since at most SLACK px away
   (J. Sklansky & V. Gonzalez, Pattern Recognition 12, 1980). */
typedef struct Cone {
  double x, y;   /* where it begins, in px */
  double lo, hi; /* angles about that of the first point */
  double axis, reach;
} Cone;

static Cone cone_at(double x, double y) {
  return (Cone){.x = x, .y = y, .lo = -M_PI, .hi = M_PI};
}

/* Narrows the cone by a point. False: no chord to this point passes all those before. */
static bool cone_takes(Cone *c, double x, double y) {
  enum { SLACKS_PER_PX = 20 };
  double slack = 1.0 / SLACKS_PER_PX, far = hypot(x - c->x, y - c->y);
  if (!(far >= c->reach)) return false; /* it turns back, or is none */
  c->reach = far;
  if (far <= slack) return true;
  double to = atan2(y - c->y, x - c->x), half = asin(slack / far);
  if (c->lo == -M_PI) c->axis = to;
  double angle = remainder(to - c->axis, 2 * M_PI);
  if (angle < c->lo || angle > c->hi) return false;
  c->lo = fmax(c->lo, angle - half);
  c->hi = fmin(c->hi, angle + half);
  return true;
}

/* Keeps the ends of the straight ways, in place. */
static void straighten(Points *p, double wide, double high) {
  Cone c = cone_at(NAN, NAN);
  int64_t kept = 0;
  for (int64_t i = 0; i < p->n; i++) {
    float x = p->at[2 * i], y = p->at[2 * i + 1];
    if (cone_takes(&c, x * wide, y * high)) {
      kept--;
    } else if (kept > 0) {
      c = cone_at(p->at[2 * kept - 2] * wide, p->at[2 * kept - 1] * high);
      if (!cone_takes(&c, x * wide, y * high)) c = cone_at(NAN, NAN);
    }
    p->at[2 * kept] = x;
    p->at[2 * kept + 1] = y;
    kept++;
  }
  p->n = kept;
}

/* ---- points without neighbours --------------------------------------------------------------- */

static bool at_gap(const Points *p, int64_t i) {
  return i < 0 || i >= p->n || isnan(p->at[2 * i]);
}

/* No line leads to a point between two gaps: it becomes a dash of a few px, to be seen at all. */
static Points dash_lone_points(Arena *a, const Points *p, double wide) {
  enum { DASH = 3 };
  Points out = {.columns = 2, .at = ARENA_ARRAY(a, float, 4 * p->n + 2)};
  for (int64_t i = 0; i < p->n; i++) {
    double x = p->at[2 * i], y = p->at[2 * i + 1];
    bool lone = !isnan(x) && at_gap(p, i - 1) && at_gap(p, i + 1);
    double half = lone ? DASH / (2 * wide) : 0;
    put(&out, x - half, y);
    if (lone) put(&out, x + half, y);
  }
  return out;
}

/* ---- points, bars, strokes ------------------------------------------------------------------- */

/* The plot as a raster of spots, each of which is free or taken. */
typedef struct Raster {
  double wide, high, size; /* in px; size 0: every point has a spot of its own */
  int64_t cols;
  bool *taken;
} Raster;

static Raster raster_new(Arena *a, double wide, double high, double size) {
  Raster r = {.wide = wide, .high = high, .size = size};
  if (size <= 0) return r;
  r.cols = (int64_t)(1.05 * wide / size) + 2;
  r.taken = ARENA_ARRAY(a, bool, r.cols *((int64_t)(1.55 * high / size) + 2));
  return r;
}

/* A point a little outside may reach into the plot, a stroke from far below. */
static bool raster_take(Raster *r, double x, double y) {
  if (!(x >= -0.02 && x <= 1.02 && y >= -0.5 && y <= 1.02)) return false;
  if (!r->taken) return true;
  int64_t column = (int64_t)((x + 0.02) * r->wide / r->size);
  bool *spot = &r->taken[(int64_t)((y + 0.5) * r->high / r->size) * r->cols + column];
  bool was = *spot;
  *spot = true;
  return !was;
}

/* Which points are kept: the first in each spot; gives their number. */
static int64_t choose(Arena *a, const Mark *m, const View *vx, const View *vy, double wide,
                      double high, bool *kept) {
  double size = m->n <= POINTS_MOST ? 0 : 0.5;
  for (;; size *= 1.4) {
    Raster r = raster_new(a, wide, high, size);
    int64_t n = 0;
    for (int64_t i = 0; i < m->n; i++) {
      kept[i] = raster_take(&r, fraction_x(m, vx, i), fraction_y(m, vy, i));
      n += kept[i];
    }
    if (n <= POINTS_MOST || size > 20) return n;
  }
}

static float shade_of(const Mark *m, int64_t i) {
  return (float)column_at(&m->value, i);
}

static void put_row(Points *out, const Mark *m, const View *vx, const View *vy, int64_t i) {
  float *row = out->at + out->columns * out->n++;
  double x = fraction_x(m, vx, i), y = fraction_y(m, vy, i);
  row[0] = (float)x;
  row[1] = (float)y;
  if (out->columns == 3) row[2] = shade_of(m, i);
  if (out->columns < 4) return;
  row[2] = (float)(view_fraction(vx, column_at(&m->x, i) + column_at(&m->dx, i)) - x);
  row[3] = (float)(view_fraction(vy, column_at(&m->y, i) + column_at(&m->dy, i)) - y);
}

static Points thin_points(Arena *a, const Mark *m, const View *vx, const View *vy, double wide,
                          double high, int columns) {
  bool *kept = ARENA_ARRAY(a, bool, m->n + 1);
  int64_t n = choose(a, m, vx, vy, wide, high, kept);
  Points out = {.columns = columns, .at = ARENA_ARRAY(a, float, columns *n + 4)};
  for (int64_t i = 0; i < m->n; i++)
    if (kept[i]) put_row(&out, m, vx, vy, i);
  return out;
}

/* The outline of all bars as one shape: bars beside each other have no seam. What a logarithmic
   axis cannot show lies at its edge. */
static Points thin_bars(Arena *a, const Mark *m, const View *vx, const View *vy) {
  Points out = {.columns = 2, .at = ARENA_ARRAY(a, float, 8 * m->n + 8)};
  double foot = m->n ? fraction_y(m, vy, 0) : 0, x = 0;
  if (isnan(foot)) foot = 0;
  for (int64_t i = 0; i < m->n; i++) {
    double y = view_fraction(vy, column_at(&m->y, i) + column_at(&m->dy, i));
    if (isnan(y)) y = foot;
    x = fraction_x(m, vx, i);
    if (i == 0) put(&out, x, foot);
    put(&out, x, y);
    x = view_fraction(vx, column_at(&m->x, i) + column_at(&m->dx, i));
    put(&out, x, y);
  }
  if (m->n) put(&out, x, foot);
  return out;
}

static const int mark_columns[] = {
#define MARK(name, columns, use, style, sample) columns,
#include "report/mark.def"
#undef MARK
};

Points thin_mark(Arena *a, const Mark *m, const View *vx, const View *vy, double wide,
                 double high) {
  if (m->kind == MARK_bars) return thin_bars(a, m, vx, vy);
  if (m->kind != MARK_line)
    return thin_points(a, m, vx, vy, wide, high, m->valued ? 3 : mark_columns[m->kind]);
  Points p = ascends(m) ? thin_series(a, m, vx, vy, (int64_t)ceil(wide))
                        : thin_path(a, m, vx, vy, wide, high);
  straighten(&p, wide, high);
  return dash_lone_points(a, &p, wide);
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* The mean of the finite values of a block of cells. */
static double block_mean(const Image *im, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  double sum = 0;
  int64_t n = 0;
  for (int64_t r = r0; r < r1; r++)
    for (int64_t c = c0; c < c1; c++) {
      double x = im->at[r * im->row_stride + c * im->col_stride];
      if (!isfinite(x)) continue;
      sum += x;
      n++;
    }
  return n ? sum / (double)n : NAN;
}

/* As many pixels as cells; of very many cells three to two px, of few several each, so that no
   viewer smooths them. */
static int64_t pixel_count(int64_t cells, double px) {
  int64_t most = (int64_t)ceil(1.5 * px);
  if (cells > most) return most;
  if (cells == 0) return 0;
  return cells * ((PIXELS_LEAST + cells - 1) / cells);
}

static void put_pixel(uint8_t *at, const ColorMap *map, double x) {
  Rgb c = isnan(x) ? COLOR_MISSING : map_color(map, x);
  at[0] = c.r;
  at[1] = c.g;
  at[2] = c.b;
}

Pixels thin_image(Arena *a, const Image *im, const View *vx, const View *vy, const View *vz,
                  const ColorMap *map, double wide, double high) {
  Pixels p = {.cols = pixel_count(im->cols, wide), .rows = pixel_count(im->rows, high)};
  p.at = ARENA_ARRAY(a, uint8_t, 3 * p.rows * p.cols + 1);
  p.x0 = view_fraction(vx, im->x0);
  p.x1 = view_fraction(vx, im->x1);
  p.y0 = view_fraction(vy, im->y0);
  p.y1 = view_fraction(vy, im->y1);
  for (int64_t r = 0; r < p.rows; r++)
    for (int64_t c = 0; c < p.cols; c++) {
      int64_t r0 = r * im->rows / p.rows, c0 = c * im->cols / p.cols;
      int64_t r1 = (r + 1) * im->rows / p.rows, c1 = (c + 1) * im->cols / p.cols;
      double x = block_mean(im, r0, r1 > r0 ? r1 : r0 + 1, c0, c1 > c0 ? c1 : c0 + 1);
      put_pixel(p.at + 3 * (r * p.cols + c), map, view_fraction(vz, x));
    }
  return p;
}
