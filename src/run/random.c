/* random.c: arrays of random numbers. Kinds that are formulas of one counter go through the lanes
   of isa_random.c; the others draw each element from a stream of its own (random_stream.c). In a
   row, eight counters of v values make a block of 8 v elements, in the order that the lanes have,
   so the layout does not depend on the width of the machine's vectors. */
#include "run/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "run/isa.h"
#include "run/isa_random.h"
#include "run/random_stream.h"

/* Salmon et al. 2011, section 3.3: ten rounds. */
void philox4x32(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) {
  uint32_t key0 = key[0], key1 = key[1], w[4];
  memcpy(w, counter, sizeof w);
  for (int r = 0; r < 10; r++) {
    uint64_t p = (uint64_t)0xD2511F53 * w[0], q = (uint64_t)0xCD9E8D57 * w[2];
    w[0] = (uint32_t)(q >> 32) ^ w[1] ^ key0;
    w[1] = (uint32_t)q;
    w[2] = (uint32_t)(p >> 32) ^ w[3] ^ key1;
    w[3] = (uint32_t)p;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  memcpy(out, w, sizeof w);
}

uint64_t random_key(uint64_t seed, const char *path) {
  return hash_bytes(path, strlen(path), seed);
}

uint64_t random_key_mix(uint64_t key, uint64_t with) {
  return hash_mix(key, with);
}

enum { GROUP = RANDOM_LANE_GROUP };

#if defined(__x86_64__)
#define LEVELS(f) \
  { f##_plain, f##_avx2, f##_avx512 }
#else
#define LEVELS(f) \
  { f##_plain, f##_plain, f##_plain }
#endif

typedef struct LaneKind {
  int values; /* per lane */
  RandomLanesFn *at_level[ISA_LEVELS];
} LaneKind;

static const LaneKind normal = {4, LEVELS(random_normal)};
static const LaneKind uniform = {2, LEVELS(random_uniform)};
static const LaneKind exponential = {2, LEVELS(random_exponential)};

/* What is to be filled: rows of cols elements, or only the places of a pattern. */
typedef struct Fill {
  RandomPlace at;
  int64_t rows, cols;
  int64_t height; /* rows of one matrix */
  const double *const *param;
  const int64_t *nparam;
} Fill;

typedef struct Kind {
  const LaneKind *lanes; /* or NULL, and */
  double (*element)(RandomStream *s, double a, double b);
  int nparam;                                         /* of element */
  void (*rows)(const Fill *f, double *out);           /* or NULL, and whole rows at a time */
  void (*each)(const Fill *f, int64_t n, double *io); /* what is done to each number at the end */
  void (*matrix)(const Fill *f, double *io);          /* what is done to each matrix at the end */
} Kind;

static RandomLanes lanes_begin(RandomPlace at) {
  return (RandomLanes){
      .key = {(uint32_t)at.key, (uint32_t)(at.key >> 32)}, .trial = at.trial, .step = at.step};
}

static void lanes_run(const LaneKind *k, RandomLanes *lanes, int used, double *out) {
  int n = (used + RANDOM_LANE_GROUP - 1) & ~(RANDOM_LANE_GROUP - 1);
  for (int i = used; i < n; i++) lanes->counter[i] = lanes->row[i] = 0;
  lanes->n = n;
  k->at_level[run_isa_level()](lanes, out);
}

static int64_t min64(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Whole blocks go to their place at once, the last elements of a row by way of a buffer. */
static void fill_long_row(const LaneKind *k, RandomLanes *lanes, int64_t row, int64_t cols,
                          double *out) {
  const int block = GROUP * k->values, at_once = RANDOM_LANES * k->values;
  double rest[4 * GROUP];
  for (int i = 0; i < RANDOM_LANES; i++) lanes->row[i] = (uint32_t)row;
  for (int64_t j = 0, n; j < cols; j += n) {
    n = min64(at_once, cols - j);
    n = n < block ? n : n / block * block;
    int used = n < block ? GROUP : (int)n / k->values;
    for (int i = 0; i < used; i++) lanes->counter[i] = (uint32_t)(j / k->values + i);
    lanes_run(k, lanes, used, n < block ? rest : out + j);
    if (n < block) memcpy(out + j, rest, (size_t)n * sizeof *out);
  }
}

/* Where value s of a lane is. */
static int lane_value(const LaneKind *k, int lane, int s) {
  return lane / GROUP * GROUP * k->values + s * GROUP + lane % GROUP;
}

/* Rows below one block: as many as fit share the lanes. */
static void fill_short_rows(const LaneKind *k, RandomLanes *lanes, const Fill *f, double *out) {
  const int per_row = (int)min64(f->cols, GROUP), at_once = RANDOM_LANES / per_row;
  double value[4 * RANDOM_LANES];
  for (int64_t row = 0; row < f->rows; row += at_once) {
    int rows = (int)min64(at_once, f->rows - row);
    for (int i = 0; i < rows * per_row; i++) {
      lanes->counter[i] = (uint32_t)(i % per_row);
      lanes->row[i] = (uint32_t)(row + i / per_row);
    }
    lanes_run(k, lanes, rows * per_row, value);
    for (int r = 0; r < rows; r++)
      for (int j = 0; j < f->cols; j++)
        *out++ = value[lane_value(k, r * per_row + j % GROUP, j / GROUP)];
  }
}

static void fill_lanes(const LaneKind *k, const Fill *f, double *out) {
  RandomLanes lanes = lanes_begin(f->at);
  if (f->cols < GROUP * k->values) {
    fill_short_rows(k, &lanes, f, out);
    return;
  }
  for (int64_t row = 0; row < f->rows; row++)
    fill_long_row(k, &lanes, row, f->cols, out + row * f->cols);
}

static double param_at(const Fill *f, int i, int64_t k) {
  return f->nparam[i] == 1 ? f->param[i][0] : f->param[i][k];
}

/* Element (row, col), whose parameters are the k-th. */
static double draw_element(const Kind *kind, const Fill *f, int64_t row, int64_t col, int64_t k) {
  RandomStream s = random_stream(f->at, (uint32_t)col, (uint32_t)row);
  double a = kind->nparam > 0 ? param_at(f, 0, k) : 0, b = kind->nparam > 1 ? param_at(f, 1, k) : 0;
  return kind->element(&s, a, b);
}

static void fill_elements(const Kind *kind, const Fill *f, double *out) {
  for (int64_t row = 0, k = 0; row < f->rows; row++)
    for (int64_t col = 0; col < f->cols; col++, k++) out[k] = draw_element(kind, f, row, col, k);
}

/* The first index whose cumulative weight is above x. */
static double choose(const double *cumulative, int64_t n, double x) {
  int64_t low = 0, high = n - 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (cumulative[middle] > x)
      high = middle;
    else
      low = middle + 1;
  }
  return (double)low;
}

static void choose_each(const Fill *f, int64_t n, double *io) {
  const double *cumulative = f->param[0];
  int64_t choices = f->nparam[0];
  double total = cumulative[choices - 1], last = nextafter(total, 0);
  for (int64_t i = 0; i < n; i++) io[i] = choose(cumulative, choices, fmin(io[i] * total, last));
}

static void permute_rows(const Fill *f, double *out) {
  for (int64_t row = 0; row < f->rows; row++) {
    RandomStream s = random_stream(f->at, 0, (uint32_t)row);
    random_permutation(&s, f->cols, out + row * f->cols);
  }
}

static void orthogonalise(const Fill *f, double *io) {
  for (int64_t row = 0; row < f->rows; row += f->height)
    random_orthogonal(f->height, f->cols, io + row * f->cols);
}

static const Kind kinds[RANDOM_KINDS] = {
    [RANDOM_NORMAL] = {.lanes = &normal},
    [RANDOM_UNIFORM] = {.lanes = &uniform},
    [RANDOM_EXPONENTIAL] = {.lanes = &exponential},
    [RANDOM_GAMMA] = {.element = random_gamma, .nparam = 1},
    [RANDOM_BETA] = {.element = random_beta, .nparam = 2},
    [RANDOM_POISSON] = {.element = random_poisson, .nparam = 1},
    [RANDOM_VONMISES] = {.element = random_vonmises, .nparam = 1},
    [RANDOM_CHOICE] = {.lanes = &uniform, .each = choose_each},
    [RANDOM_PERMUTATION] = {.rows = permute_rows},
    [RANDOM_ORTHOGONAL] = {.lanes = &normal, .matrix = orthogonalise},
};

static void fill(RandomKind kind, const Fill *f, double *out) {
  const Kind *k = &kinds[kind];
  if (f->rows == 0 || f->cols == 0) return;
  if (k->lanes)
    fill_lanes(k->lanes, f, out);
  else if (k->element)
    fill_elements(k, f, out);
  else
    k->rows(f, out);
  if (k->each) k->each(f, f->rows * f->cols, out);
  if (k->matrix) k->matrix(f, out);
}

void random_fill(RandomKind kind, RandomPlace at, Shape shape, const double *const *param,
                 const int64_t *nparam, double *out) {
  Fill f = {at, 1, 1, 1, param, nparam};
  if (shape.rank > 0) f.cols = shape.n[shape.rank - 1];
  if (shape.rank > 1) f.height = shape.n[shape.rank - 2];
  for (int i = 0; i + 1 < shape.rank; i++) f.rows *= shape.n[i];
  assert(f.rows <= UINT32_MAX && f.cols <= UINT32_MAX);
  fill(kind, &f, out);
}

/* The gaps between entries of a row are geometric: floors of exponential deviates (Devroye 1986,
   "Non-Uniform Random Variate Generation", page 499). A row's entries do not change as it gets
   longer. */
typedef struct Gaps {
  RandomLanes lanes;
  double rate, chunk[2 * RANDOM_LANES];
} Gaps;

/* Visits the entries of a row: col may be NULL, to count only. Returns how many there are. */
static int64_t sparse_row(Gaps *g, int64_t row, int64_t cols, int32_t *col) {
  const int chunk = 2 * RANDOM_LANES;
  int64_t n = 0;
  int64_t j = -1;
  for (int64_t first = 0;; first += chunk) {
    for (int i = 0; i < RANDOM_LANES; i++) {
      g->lanes.row[i] = (uint32_t)row;
      g->lanes.counter[i] = (uint32_t)(first / 2 + i);
    }
    lanes_run(&exponential, &g->lanes, RANDOM_LANES, g->chunk);
    for (int i = 0; i < chunk; i++, n++) {
      double gap = g->chunk[i] * g->rate;
      if (!(gap < (double)(cols - j - 1))) return n;
      j += 1 + (int64_t)gap;
      if (col) col[n] = (int32_t)j;
    }
  }
}

static int64_t full_row(int64_t cols, int32_t *col) {
  for (int64_t j = 0; col && j < cols; j++) col[j] = (int32_t)j;
  return cols;
}

static int64_t pattern_row(Gaps *g, int64_t row, int64_t cols, double p, int32_t *col) {
  if (!(p > 0)) return 0;
  return p < 1 ? sparse_row(g, row, cols, col) : full_row(cols, col);
}

SparsePattern *random_sparse_pattern(Arena *a, RandomPlace at, int64_t rows, int64_t cols,
                                     double p) {
  assert(rows <= UINT32_MAX && cols <= INT32_MAX);
  at.key = random_key_mix(at.key, 1); /* apart from the numbers that fill the pattern */
  Gaps gaps = {.lanes = lanes_begin(at), .rate = -1 / log1p(-p)};
  int64_t nnz = 0;
  for (int64_t row = 0; row < rows; row++) nnz += pattern_row(&gaps, row, cols, p, NULL);
  SparsePattern *s = sparse_pattern_new(a, rows, cols, nnz);
  int64_t *start = (int64_t *)s->start;
  int32_t *col = (int32_t *)s->col;
  start[0] = 0;
  for (int64_t row = 0; row < rows; row++)
    start[row + 1] = start[row] + pattern_row(&gaps, row, cols, p, col + start[row]);
  return s;
}

/* Up to RANDOM_LANES entries of a pattern, waiting for their values. */
typedef struct Picks {
  RandomLanes lanes;
  int slot[RANDOM_LANES], used;
  double *out;
} Picks;

static void picks_flush(const LaneKind *k, Picks *p) {
  double value[4 * RANDOM_LANES];
  lanes_run(k, &p->lanes, p->used, value);
  for (int i = 0; i < p->used; i++) p->out[i] = value[lane_value(k, i, p->slot[i])];
  p->out += p->used;
  p->used = 0;
}

static void pick_lanes(const LaneKind *k, const Fill *f, const SparsePattern *s, double *out) {
  const int block = GROUP * k->values;
  Picks p = {.lanes = lanes_begin(f->at), .out = out};
  for (int64_t row = 0; row < s->rows; row++)
    for (int64_t e = s->start[row]; e < s->start[row + 1]; e++) {
      p.lanes.row[p.used] = (uint32_t)row;
      p.lanes.counter[p.used] = (uint32_t)(s->col[e] / block * GROUP + s->col[e] % GROUP);
      p.slot[p.used++] = s->col[e] % block / GROUP;
      if (p.used == RANDOM_LANES) picks_flush(k, &p);
    }
  picks_flush(k, &p);
}

static void pick_elements(const Kind *kind, const Fill *f, const SparsePattern *s, double *out) {
  for (int64_t row = 0; row < s->rows; row++)
    for (int64_t e = s->start[row]; e < s->start[row + 1]; e++)
      out[e] = draw_element(kind, f, row, s->col[e], e);
}

/* Kinds that are made of whole rows or matrices. */
static void pick_from_dense(RandomKind kind, const Fill *f, const SparsePattern *s, double *out) {
  double *dense = mem_alloc((size_t)(f->rows * f->cols) * sizeof(double));
  fill(kind, f, dense);
  for (int64_t row = 0; row < s->rows; row++)
    for (int64_t e = s->start[row]; e < s->start[row + 1]; e++)
      out[e] = dense[row * f->cols + s->col[e]];
  mem_free(dense);
}

void random_fill_pattern(RandomKind kind, RandomPlace at, const SparsePattern *s,
                         const double *const *param, const int64_t *nparam, double *out) {
  const Kind *k = &kinds[kind];
  Fill f = {at, s->rows, s->cols, s->rows, param, nparam};
  if (k->rows || k->matrix) {
    pick_from_dense(kind, &f, s, out);
    return;
  }
  if (k->lanes)
    pick_lanes(k->lanes, &f, s, out);
  else
    pick_elements(k, &f, s, out);
  if (k->each) k->each(&f, s->nnz, out);
}
