/* mutate.c: see mutate.h. Changes go by bytes or by tokens: a token is a word, a number, or one
   other character. */
#include "fuzz/mutate.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"

/* ---- random numbers: Steele, Lea & Flood 2014 (OOPSLA), SplitMix64 ---- */

static uint64_t next(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n) {
  return n ? (size_t)(next(state) % n) : 0;
}

/* ---- tokens ---- */

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_';
}

static size_t token_length(const char *at, size_t n) {
  size_t k = 1;
  while (is_word(at[0]) && k < n && is_word(at[k])) k++;
  return k;
}

void corpus_add(Corpus *c, Arena *a, const char *text, size_t n) {
  if (n == 0) return;
  *vec_push(a, &c->texts) = (Text){text, n};
  for (size_t i = 0, k; i < n; i += k) {
    k = token_length(text + i, n - i);
    if (!isspace((unsigned char)text[i])) *vec_push(a, &c->tokens) = (Text){text + i, k};
  }
}

static const char *const extremes[] = {
    "0",         "-1",         "1e308", "1e999", "1000000000000", "0.5",  "nan", "inf",
    "[]",        "()",         "\"\"",  "[[1]]", "1 ms",          "1 mV", "t",   "dx/dt",
    "fn(x) = x", "true",       "..",    "every", "noise",         "x",    "{",   "}",
    ":",         "next x = x",
};
enum { EXTREMES = sizeof extremes / sizeof *extremes };

static Text new_token(const Corpus *c, uint64_t *s) {
  if (below(s, 4) == 0) {
    const char *e = extremes[below(s, EXTREMES)];
    return (Text){e, strlen(e)};
  }
  return c->tokens.at[below(s, c->tokens.n)];
}

/* ---- changes ---- */

/* A text under change. */
typedef struct Draft {
  char *at;
  size_t n, room;
} Draft;

/* Puts `new` in the place of the `old` bytes at `from`, if there is room. */
static void replace(Draft *d, size_t from, size_t old, Text new) {
  if (d->n - old + new.n >= d->room) return;
  memmove(d->at + from + new.n, d->at + from + old, d->n - from - old);
  memcpy(d->at + from, new.at, new.n);
  d->n += new.n - old;
}

static void change_byte(Draft *d, uint64_t *s) {
  static const char likely[] = "()[]{}=,;:.+-*/^'\"#~@<> \n\t\\0129eE_xtnd\x80\xff\xc3";
  char c = likely[below(s, sizeof likely)];
  size_t from = below(s, d->n);
  size_t old = below(s, 3) == 0 ? 0 : 1;
  replace(d, from, old, (Text){&c, below(s, 4) == 0 ? 0 : 1});
}

/* Where a token that is no blank begins, at or behind a random place. */
static size_t some_token(const Draft *d, uint64_t *s) {
  size_t i = below(s, d->n);
  while (i > 0 && is_word(d->at[i]) && is_word(d->at[i - 1])) i--;
  while (i + 1 < d->n && isspace((unsigned char)d->at[i])) i++;
  return i;
}

static void change_token(const Corpus *c, Draft *d, uint64_t *s) {
  size_t from = some_token(d, s), old = token_length(d->at + from, d->n - from);
  size_t how = below(s, 4);
  Text new = how == 0 ? (Text){"", 0} : new_token(c, s);
  replace(d, from, how == 1 ? 0 : old, new);
}

/* Moves, doubles or drops a piece. */
static void change_piece(Draft *d, uint64_t *s) {
  enum { PIECE = 60 };
  char piece[PIECE];
  size_t from = below(s, d->n), n = 1 + below(s, PIECE - 1);
  if (n > d->n - from) n = d->n - from;
  memcpy(piece, d->at + from, n);
  if (below(s, 2)) replace(d, from, n, (Text){"", 0});
  if (below(s, 2)) replace(d, below(s, d->n + 1), 0, (Text){piece, n});
}

size_t mutate(const Corpus *c, uint64_t seed, char *out, size_t room) {
  uint64_t s = seed;
  Text from = c->texts.at[below(&s, c->texts.n)];
  Draft d = {out, from.n < room ? from.n : room - 1, room};
  memcpy(out, from.at, d.n);
  for (size_t changes = 1 + below(&s, 6); changes > 0 && d.n > 0; changes--) {
    size_t how = below(&s, 5);
    if (how < 2)
      change_byte(&d, &s);
    else if (how < 4)
      change_token(c, &d, &s);
    else
      change_piece(&d, &s);
  }
  out[d.n] = '\0';
  return d.n;
}
