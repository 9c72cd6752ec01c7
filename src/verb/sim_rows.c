/* sim_rows.c: see sim_rows.h. A piece is as large as a cache. In memory, the rows of one trial are
   made where they are kept. */
#include "verb/sim_rows.h"

#include <math.h>
#include <string.h>

enum {
  PIECE_NUMBERS = 1 << 17,
  PIECE_ROWS = 16,       /* at least, so that a scan is worth its start */
  SMALL_RECORD = 1 << 24 /* bytes: fits, without a look at the machine */
};

/* ---- where to -------------------------------------------------------------------------------- */

/* Values made in these blocks are copied out of them. */
static bool in_block(const Ev *ev) {
  return ev->passing || ev->claiming;
}

static void tell_why(const Sim *m, Diag *d) {
  Ev *ev = m->s.ev;
  Where at = m->s.c->at;
  const char *most = ev->memory > 0 ? mem_text(ev->arena, ev->memory) : "half of the free memory";
  if (!ev->store)
    diag_note(ev->diag, d, at, "beyond %s it would be streamed to the results, but there are none",
              most);
  else if (in_block(ev))
    diag_note(ev->diag, d, at,
              "beyond %s it is streamed to the results, but not out of a sweep, a comprehension or "
              "an analysis",
              most);
  else
    diag_note(ev->diag, d, at, "nor is there room for it where the results go");
}

bool sim_rows_fit(Sim *m) {
  Ev *ev = m->s.ev;
  m->rec = ARENA_NEW(ev->arena, SimRows);
  if (m->rows < 0) return true;
  double bytes = record_bytes(&m->recorded, m->rows, m->trials), times = 8 * (double)m->rows;
  if (bytes < times) bytes = times; /* where nothing is recorded, the times are the record */
  if (ev->memory == 0 && bytes <= SMALL_RECORD) return true;
  double limit = ev->memory > 0 ? ev->memory : 0.5 * mem_free_bytes();
  m->rec->streamed = !(bytes <= limit);
  if (!m->rec->streamed) return true;
  if (ev->store && !in_block(ev) && bytes + times <= ev->store->room(ev->store)) return true;
  Diag *d = record_too_large(&m->s, m->rows, bytes);
  if (d) tell_why(m, d);
  if (d) record_advise(&m->s, d);
  return false;
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool lost(Sim *m, const char *why) {
  m->rec->lost = true;
  setup_report(&m->s, E0710, m->s.c->at, "the record cannot be streamed to the results: %s", why);
  return false;
}

static bool open_column(Sim *m, SimColumn *c, Shape shape, Dim dim, int64_t n) {
  Store *store = m->s.ev->store;
  *c = (SimColumn){.shape = shape, .dim = dim, .n = n, .array = -1};
  if (!m->rec->streamed || shape_count(shape) == 0) {
    c->tensor = tensor_new(m->home, shape);
    if (!c->tensor) record_too_large(&m->s, m->rows, 8 * (double)shape_count(shape));
    return c->tensor != NULL;
  }
  const char *why;
  c->array = store->open(store, shape, &why);
  return c->array >= 0 || lost(m, why);
}

static int64_t piece_rows(const Sim *m, bool direct) {
  int64_t n = 0, rows = m->rows;
  for (size_t i = 0; i < m->recorded.n && !direct; i++) n += m->rec->column[i].n;
  n *= m->s.fixed ? sim_lanes(m) : 1;
  for (size_t i = 0; i < m->events.n && m->s.fixed; i++)
    n += m->events.at[i].units * sim_lanes(m) * m->stride;
  if (n > 0 && PIECE_NUMBERS / n < rows) rows = PIECE_NUMBERS / n;
  return rows < PIECE_ROWS ? PIECE_ROWS : rows;
}

static bool is_direct(const Sim *m, const SimColumn *c) {
  return c->tensor && (sim_lanes(m) == 1 || !m->s.fixed);
}

bool sim_rows_open(Sim *m) {
  SimRows *r = m->rec;
  Dim time = m->in.trials ? setup_task_dim(&m->s) : setup_time_dim(&m->s);
  r->column = ARENA_ARRAY(m->arena, SimColumn, m->recorded.n + 1);
  if (!open_column(m, &r->times, shape_vec(m->rows), time, 1)) return false;
  bool direct = true;
  for (size_t i = 0; i < m->recorded.n; i++) {
    const Quantity *q = &m->recorded.at[i];
    Shape shape = record_shape(q->shape, m->trials, m->rows);
    if (!open_column(m, &r->column[i], shape, q->dim, shape_count(q->shape))) return false;
    direct = direct && is_direct(m, &r->column[i]);
  }
  r->piece = piece_rows(m, direct);
  for (size_t i = 0; i < m->recorded.n; i++) {
    SimColumn *c = &r->column[i];
    if (is_direct(m, c)) continue;
    int64_t lanes = m->s.fixed ? sim_lanes(m) : 1;
    c->piece = mem_alloc((size_t)(r->piece * lanes * c->n) * sizeof(double) + 1);
    arena_defer(m->arena, mem_free, c->piece);
  }
  return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Numbers of one trial, to their place. */
static bool put(Sim *m, const SimColumn *c, int64_t at, const double *data, int64_t n) {
  Store *store = m->s.ev->store;
  const char *why;
  if (n == 0) return true;
  if (!c->tensor) return store->write(store, c->array, at, data, n, &why) || lost(m, why);
  memcpy(c->tensor->data + at, data, (size_t)n * sizeof *data);
  return true;
}

double *sim_rows_at(const Sim *m, size_t column, int64_t row) {
  const SimColumn *c = &m->rec->column[column];
  return is_direct(m, c) ? c->tensor->data + row * c->n : c->piece;
}

/* Rows of [rows, trials, n], one trial after the other. */
static bool put_trials(Sim *m, const SimColumn *c, int64_t row, int64_t made) {
  int64_t lanes = sim_lanes(m);
  if (lanes == 1) return put(m, c, row * c->n, c->piece, made * c->n);
  double *own = mem_alloc((size_t)(made * c->n) * sizeof *own + 1);
  bool ok = true;
  for (int64_t lane = 0; lane < lanes && ok; lane++) {
    for (int64_t k = 0; k < made; k++)
      memcpy(own + k * c->n, c->piece + (k * lanes + lane) * c->n, (size_t)c->n * sizeof *own);
    ok = put(m, c, (lane * m->rows + row) * c->n, own, made * c->n);
  }
  mem_free(own);
  return ok;
}

bool sim_rows_keep(Sim *m, int64_t row, int64_t made) {
  for (size_t i = 0; i < m->recorded.n; i++)
    if (!is_direct(m, &m->rec->column[i]) && !put_trials(m, &m->rec->column[i], row, made))
      return false;
  m->rec->done = row + made;
  return true;
}

double *sim_row_at(const Sim *m, size_t column, int64_t row) {
  const SimColumn *c = &m->rec->column[column];
  return is_direct(m, c) ? c->tensor->data + (m->lane * m->rows + row) * c->n
                         : c->piece + m->rec->made * c->n;
}

static bool empty_piece(Sim *m) {
  SimRows *r = m->rec;
  for (size_t i = 0; i < m->recorded.n; i++) {
    const SimColumn *c = &r->column[i];
    int64_t at = (m->lane * m->rows + r->done) * c->n;
    if (!is_direct(m, c) && !put(m, c, at, c->piece, r->made * c->n)) return false;
  }
  r->done += r->made;
  r->made = 0;
  return true;
}

bool sim_row_keep(Sim *m) {
  SimRows *r = m->rec;
  return ++r->made < r->piece || empty_piece(m);
}

void sim_row_back(Sim *m) {
  SimRows *r = m->rec;
  if (r->made > 0)
    r->made--;
  else
    r->done--;
}

bool sim_lane_keep(Sim *m) {
  SimRows *r = m->rec;
  if (!empty_piece(m)) return false;
  r->full++;
  r->done = 0;
  return true;
}

/* ---- what became of them --------------------------------------------------------------------- */

static double time_of(const Sim *m, int64_t row) {
  if (sim_may_be_short(m) && row > 0 && row == m->rows - 1 && !isnan(m->stopped[0]))
    return m->stopped[0];
  double every = m->in.trials && m->s.fixed ? m->every / m->s.dt * m->s.task_dt : m->every;
  double t = (double)row * every;
  bool end = !m->s.fixed && row > 0 && row == m->rows - 1;
  return end && fabs(t - m->length) < 1e-9 * m->length ? m->length : t;
}

bool sim_rows_times(Sim *m) {
  double some[PIECE_ROWS * 64];
  const int64_t most = (int64_t)(sizeof some / sizeof *some);
  for (int64_t first = 0; first < m->rows; first += most) {
    int64_t n = m->rows - first < most ? m->rows - first : most;
    for (int64_t k = 0; k < n; k++) some[k] = time_of(m, first + k);
    if (!put(m, &m->rec->times, first, some, n)) return false;
  }
  return true;
}

Value *sim_rows_value(Sim *m, const SimColumn *c) {
  Ev *ev = m->s.ev;
  const char *why;
  const Tensor *t = c->tensor ? c->tensor : ev->store->read(ev->store, c->array, &why);
  if (!t) {
    lost(m, why);
    return &VALUE_ERROR;
  }
  Shape s = c->shape;
  if (sim_may_be_short(m)) s.n[0] = m->rows;
  bool whole = s.n[0] == c->shape.n[0];
  return value_tensor(ev, whole ? t : tensor_view(ev->arena, t, s, 0), c->dim);
}

static void add_part(Sim *m, const SimColumn *c, const char *name, StorePart part) {
  Ev *ev = m->s.ev;
  const char *run = ev->path && *ev->path ? ev->path : m->s.verb;
  if (c->array < 0) return;
  part.name = arena_printf(m->arena, "%s.%s", run, name);
  part.array = c->array;
  part.dim = c->dim;
  ev->store->part(ev->store, &part);
}

void sim_rows_part(Sim *m) {
  SimRows *r = m->rec;
  if (!r->streamed || r->lost || !empty_piece(m)) return;
  int64_t rows = r->full ? m->rows : r->done;
  if (rows == 0 || !sim_rows_times(m)) return;
  StorePart part = {.trials = m->trials != RECORD_NO_AXIS};
  part.full = part.trials ? r->full : 0;
  part.some = m->s.fixed ? sim_lanes(m) : 1;
  part.rows = part.trials ? r->done : rows;
  add_part(m, &r->times, "t", (StorePart){.rows = rows});
  for (size_t i = 0; i < m->recorded.n; i++)
    add_part(m, &r->column[i], m->recorded.at[i].name, part);
}
