/* value_text.c: values as `print`, `table` and claims show them. Whole numbers in full, others with
   six digits; quantities in the unit that suits their size, one for a whole array; long arrays
   abbreviated. */
#include <math.h>
#include <string.h>

#include "base/vec.h"
#include "lang/core.h"

enum {
  TEXT_WIDTH = 80, /* a record longer than this gets a line for each field */
  SHOWN_ALL = 12,  /* axes up to this length are shown in full */
  SHOWN_HEAD = 4,  /* of longer ones so many elements in front, and as many at the end */
};

/* A text that grows. */
typedef struct Text {
  Arena *arena;
  VEC(char) buf;
} Text;

static void put_bytes(Text *t, const char *s, size_t n) {
  for (size_t i = 0; i < n; i++) *vec_push(t->arena, &t->buf) = s[i];
}

static void put(Text *t, const char *s) {
  put_bytes(t, s, strlen(s));
}

static const char *finish(Text *t) {
  return arena_strndup(t->arena, t->buf.at ? t->buf.at : "", t->buf.n);
}

const char *number_text(Arena *a, double x) {
  if (isnan(x)) return "nan";
  if (isinf(x)) return x > 0 ? "inf" : "-inf";
  if (x == floor(x) && fabs(x) < 1e15) return arena_printf(a, "%.0f", x == 0 ? 0 : x);
  return arena_printf(a, "%.6g", x);
}

/* ---- arrays ---- */

double tensor_magnitude(const Tensor *t) {
  double most = 0;
  int64_t n = shape_count(t->shape);
  for (int64_t i = 0; i < n; i++)
    if (isfinite(t->data[i])) most = fmax(most, fabs(t->data[i]));
  return most;
}

typedef struct ShownArray {
  const Value *v;
  Shape shape;
  double factor; /* of the unit */
} ShownArray;

static void put_element(Text *t, const ShownArray *s, int64_t at) {
  double x = s->v->tensor->data[at];
  if (s->v->logical)
    put(t, x != 0 ? "true" : "false");
  else
    put(t, number_text(t->arena, s->factor == 1 ? x : x / s->factor));
}

/* The part of the array below element `at` of the first `axis` axes. Matrices break into lines. */
static void put_axis(Text *t, const ShownArray *s, int axis, int64_t at) {
  if (axis == s->shape.rank) {
    put_element(t, s, at);
    return;
  }
  int64_t n = s->shape.n[axis], step = 1;
  for (int k = axis + 1; k < s->shape.rank; k++) step *= s->shape.n[k];
  bool lines = axis + 1 < s->shape.rank;
  put(t, "[");
  for (int64_t i = 0; i < n; i++) {
    if (i) put(t, lines ? ",\n" : ", ");
    for (int k = 0; i && lines && k <= axis; k++) put(t, " ");
    if (n > SHOWN_ALL && i == SHOWN_HEAD) {
      put(t, "...");
      i = n - SHOWN_HEAD - 1;
    } else {
      put_axis(t, s, axis + 1, at + i * step);
    }
  }
  put(t, "]");
}

static void put_array(Text *t, Ev *ev, const Value *v) {
  if (!value_is_known(v)) {
    put(t, value_kind_name(ev, v));
    return;
  }
  ShownArray s = {v, value_shape(v), 1};
  const char *unit = "";
  if (!dim_is_one(v->dim))
    unit = unit_suited(ev->arena, v->dim, tensor_magnitude(v->tensor), &s.factor);
  put_axis(t, &s, 0, 0);
  if (!*unit) return;
  bool compound = strpbrk(unit, "/*^ ") != NULL;
  put(t, compound ? " [" : " ");
  put(t, unit);
  if (compound) put(t, "]");
}

/* ---- others ---- */

static void put_value(Text *t, Ev *ev, const Value *v, bool quoted);

static void put_list(Text *t, Ev *ev, const Value *v) {
  put(t, "[");
  for (int i = 0; i < v->nfields; i++) {
    if (i) put(t, ", ");
    put_value(t, ev, v->fields[i].value, true);
  }
  put(t, "]");
}

/* Lines after the first are indented by `blanks`. */
static void put_indented(Text *t, const char *s, int blanks) {
  for (; *s; s++) {
    put_bytes(t, s, 1);
    for (int k = 0; *s == '\n' && k < blanks; k++) put(t, " ");
  }
}

static void put_record(Text *t, Ev *ev, const Value *v) {
  const char **field = ARENA_ARRAY(ev->arena, const char *, v->nfields + 1);
  size_t width = 2;
  bool lines = false;
  for (int i = 0; i < v->nfields; i++) {
    Text one = {.arena = t->arena};
    put_value(&one, ev, v->fields[i].value, true);
    field[i] = finish(&one);
    width += strlen(v->fields[i].name) + strlen(field[i]) + 5;
    lines = lines || strchr(field[i], '\n');
  }
  lines = lines || width > TEXT_WIDTH;
  put(t, lines ? "(\n" : "(");
  for (int i = 0; i < v->nfields; i++) {
    const char *name = v->fields[i].name;
    if (lines) put(t, "  ");
    put(t, name);
    put(t, " = ");
    put_indented(t, field[i], lines ? (int)strlen(name) + 5 : 0);
    if (i + 1 < v->nfields) put(t, lines ? ",\n" : ", ");
  }
  put(t, lines ? "\n)" : ")");
}

static void put_function(Text *t, Ev *ev, const Value *v) {
  const char *name = v->builtin ? v->builtin->name : v->fn->name;
  put(t, value_kind_name(ev, v));
  if (!name) return;
  put(t, " ");
  put(t, name);
}

static void put_method(Text *t, Ev *ev, const Value *v) {
  put(t, v->type);
  for (int i = 0; i < v->nfields; i++) {
    put(t, i ? ", " : "(");
    put(t, v->fields[i].name);
    put(t, " = ");
    put_value(t, ev, v->fields[i].value, true);
  }
  if (v->nfields) put(t, ")");
}

static void put_value(Text *t, Ev *ev, const Value *v, bool quoted) {
  switch (v->kind) {
    case V_ARRAY: put_array(t, ev, v); break;
    case V_STRING:
      if (quoted) put(t, "\"");
      put_bytes(t, v->text, v->len);
      if (quoted) put(t, "\"");
      break;
    case V_LIST: put_list(t, ev, v); break;
    case V_RECORD: put_record(t, ev, v); break;
    case V_FUNCTION: put_function(t, ev, v); break;
    case V_METHOD: put_method(t, ev, v); break;
    default: put(t, value_kind_name(ev, v));
  }
}

const char *value_text(Ev *ev, const Value *v) {
  Text t = {.arena = ev->arena};
  put_value(&t, ev, v, false);
  return finish(&t);
}
