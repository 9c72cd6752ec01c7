/* sweep_table.c: the records of all points as one record, filled while the points come, so that it
   is in memory once. A field that has numbers of one shape at each point is an array from the
   start; one of more than memory should take goes to the results as it is made (lang/store.h). Any
   other field is a value for each point, and they are stacked at the end. */
#include <string.h>

#include "lang/core.h"
#include "lang/sweep.h"

typedef enum SlotKind { SLOT_NEW, SLOT_NUMBERS, SLOT_FIELDS, SLOT_LOOSE } SlotKind;

typedef struct Slot Slot;
struct Slot {
  SlotKind kind;
  Value like;  /* of numbers: dimension and mark of all so far; of fields: its type */
  Shape shape; /* of the numbers of a point */
  const Tensor *column;
  int stored; /* its number in the store; -1: it is in memory */
  const char **name;
  Slot *field;
  int nfields;
  Value **loose;
};

struct SweepTable {
  Slot root;
  bool streamed;
};

/* ---- numbers --------------------------------------------------------------------------------- */

/* Room for fields of a record to be in memory without a look at the machine, in bytes. */
static const double SMALL = 1 << 24;

static double bytes_of(const Value *v) {
  double sum = value_is_known(v) ? 8 * (double)shape_count(value_shape(v)) : 0;
  for (int k = 0; v->kind == V_RECORD && k < v->nfields; k++) sum += bytes_of(v->fields[k].value);
  return sum;
}

/* Arrays that are made in other blocks are copied out of them, so these cannot be streamed. */
static bool is_large(const Ev *ev, const Sweep *sw, const Value *v) {
  double bytes = bytes_of(v) * (double)sw->points;
  if (!ev->store || sw->inner || ev->claiming) return false;
  if (ev->memory == 0 && bytes <= SMALL) return false;
  double limit = ev->memory > 0 ? ev->memory : 0.5 * mem_free_bytes();
  return bytes > limit && bytes <= ev->store->room(ev->store);
}

static bool whole_shape(const Sweep *sw, Shape s, Shape *whole) {
  Shape axes = {.rank = sw->naxes};
  if (sw->naxes + s.rank > SHAPE_MAX_RANK) return false;
  for (int k = 0; k < sw->naxes; k++) axes.n[k] = sw->axis[k].n;
  *whole = shape_concat(axes, s);
  return true;
}

static bool lost(Ev *ev, const Sweep *sw, const char *why) {
  ev_error(ev, E0710, sweep_where(sw), "its records cannot be streamed to the results: %s", why);
  return false;
}

/* False: it is no array that could be one of a larger array. */
static bool open_numbers(Ev *ev, Sweep *sw, Slot *s, const Value *v) {
  Shape whole;
  const char *why;
  if (!value_is_known(v) || !whole_shape(sw, value_shape(v), &whole)) return false;
  s->shape = value_shape(v);
  s->stored = -1;
  s->like = (Value){.kind = V_ARRAY, .dim = v->dim, .logical = v->logical};
  if (sw->table->streamed && shape_count(whole) > 0) {
    s->stored = ev->store->open(ev->store, whole, &why);
    if (s->stored < 0) return lost(ev, sw, why);
  } else {
    s->column = tensor_reserve(sw->arena, whole);
    if (!s->column) return false;
  }
  s->kind = SLOT_NUMBERS;
  return true;
}

static bool put_numbers(Ev *ev, Sweep *sw, Slot *s, int64_t i, const Value *v) {
  TimeKind none = TIME_PLAIN;
  const char *why;
  Dim dim;
  if (!value_is_known(v) || !shape_equal(value_shape(v), s->shape)) return false;
  if (!dim_agree(s->like.dim, v->dim, ev->time ? ev->time : &none, &dim)) return false;
  int64_t n = shape_count(s->shape);
  s->like.dim = dim;
  s->like.logical = s->like.logical && v->logical;
  if (s->column)
    memcpy(s->column->data + i * n, v->tensor->data, (size_t)n * sizeof(double));
  else if (!ev->store->write(ev->store, s->stored, i * n, v->tensor->data, n, &why))
    return lost(ev, sw, why);
  return true;
}

static const Tensor *column_of(Ev *ev, const Sweep *sw, const Slot *s) {
  const char *why;
  const Tensor *t = s->column ? s->column : ev->store->read(ev->store, s->stored, &why);
  if (!t) lost(ev, sw, why);
  return t;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void open_fields(const Sweep *sw, Slot *s, const Value *v) {
  s->kind = SLOT_FIELDS;
  s->like = (Value){.kind = V_RECORD, .type = v->type ? arena_strdup(sw->arena, v->type) : NULL};
  s->nfields = v->nfields;
  s->field = ARENA_ARRAY(sw->arena, Slot, v->nfields + 1);
  s->name = ARENA_ARRAY(sw->arena, const char *, v->nfields + 1);
  for (int k = 0; k < v->nfields; k++) s->name[k] = arena_strdup(sw->arena, v->fields[k].name);
}

static void put(Ev *ev, Sweep *sw, Slot *s, int64_t i, Value *v);

static bool put_fields(Ev *ev, Sweep *sw, Slot *s, int64_t i, const Value *v) {
  if (v->kind != V_RECORD || v->nfields != s->nfields) return false;
  for (int k = 0; k < s->nfields; k++)
    if (!value_field(v, s->name[k])) return false;
  for (int k = 0; k < s->nfields; k++)
    put(ev, sw, &s->field[k], i, (Value *)value_field(v, s->name[k]));
  return true;
}

/* ---- anything else --------------------------------------------------------------------------- */

/* What point i has put there. */
static Value *row_of(Ev *ev, const Sweep *sw, const Slot *s, int64_t i) {
  if (s->kind == SLOT_LOOSE) return s->loose[i];
  if (s->kind == SLOT_NUMBERS) {
    const Tensor *t = column_of(ev, sw, s);
    if (!t) return &VALUE_ERROR;
    const Tensor *row = tensor_view(ev->arena, t, s->shape, i * shape_count(s->shape));
    return value_with_tensor(ev, &s->like, row);
  }
  Value *r = value_record(ev, s->like.type, s->nfields);
  for (int k = 0; k < s->nfields; k++) value_set(r, k, s->name[k], row_of(ev, sw, &s->field[k], i));
  return r;
}

/* From point i on, the slot holds values; so do those of the points before. */
static void loosen(Ev *ev, const Sweep *sw, Slot *s, int64_t i) {
  Value **loose = ARENA_ARRAY(sw->arena, Value *, sw->points);
  for (int64_t k = 0; k < i; k++) loose[k] = row_of(ev, sw, s, k);
  s->kind = SLOT_LOOSE;
  s->loose = loose;
}

static void put(Ev *ev, Sweep *sw, Slot *s, int64_t i, Value *v) {
  if (s->kind == SLOT_NEW && v->kind == V_RECORD) open_fields(sw, s, v);
  bool numbers = s->kind == SLOT_NUMBERS || (s->kind == SLOT_NEW && open_numbers(ev, sw, s, v));
  if (numbers && put_numbers(ev, sw, s, i, v)) return;
  if (s->kind == SLOT_FIELDS && put_fields(ev, sw, s, i, v)) return;
  if (s->kind != SLOT_LOOSE) loosen(ev, sw, s, i);
  s->loose[i] = value_copy(sw->arena, v);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* A value for each point, stacked along the axes from k on; `at` is the first point. */
static Value *stack_points(Ev *ev, const Sweep *sw, int k, int64_t at, Value *const *of) {
  if (k == sw->naxes) return of[at];
  int64_t n = sw->axis[k].n, below = 1;
  for (int j = k + 1; j < sw->naxes; j++) below *= sw->axis[j].n;
  Value **v = ARENA_ARRAY(ev->arena, Value *, n);
  for (int64_t i = 0; i < n; i++) v[i] = stack_points(ev, sw, k + 1, at + i * below, of);
  return stack_values(ev, v, (int)n, ast_where(sw->x));
}

static Value *value_of(Ev *ev, const Sweep *sw, const Slot *s) {
  if (s->kind == SLOT_LOOSE) return stack_points(ev, sw, 0, 0, s->loose);
  Value *v;
  if (s->kind == SLOT_NUMBERS) {
    const Tensor *t = column_of(ev, sw, s);
    if (!t) return &VALUE_ERROR;
    v = value_with_tensor(ev, &s->like, t);
  } else {
    v = value_record(ev, s->like.type, s->nfields);
    for (int k = 0; k < s->nfields; k++)
      value_set(v, k, s->name[k], value_of(ev, sw, &s->field[k]));
  }
  v->at = ast_where(sw->x);
  return v;
}

void sweep_table_put(Ev *ev, Sweep *sw, int64_t i, Value *record) {
  Arena *outer = ev->arena;
  ev->arena = sw->arena;
  if (!sw->table) {
    sw->table = ARENA_NEW(sw->arena, SweepTable);
    sw->table->streamed = is_large(ev, sw, record);
  }
  put(ev, sw, &sw->table->root, i, record);
  ev->arena = outer;
}

Value *sweep_table_value(Ev *ev, const Sweep *sw) {
  return value_of(ev, sw, &sw->table->root);
}

/* Points are many, and what is said of most of them is the same. */
Value *sweep_failed(Ev *ev, const Sweep *sw) {
  Value **v = mem_reserve((size_t)sw->points * sizeof *v);
  Value *is[] = {value_bool(ev, false), value_bool(ev, true)};
  for (int64_t i = 0; i < sw->points; i++) v[i] = is[sw->point[i].message != NULL];
  Value *failed = stack_points(ev, sw, 0, 0, v);
  mem_free(v);
  return failed;
}

Value *sweep_messages(Ev *ev, const Sweep *sw) {
  Value **v = mem_reserve((size_t)sw->points * sizeof *v), *none = value_string(ev, "");
  for (int64_t i = 0; i < sw->points; i++)
    v[i] = sw->point[i].message ? value_string(ev, sw->point[i].message) : none;
  Value *messages = stack_points(ev, sw, 0, 0, v);
  mem_free(v);
  return messages;
}
