/* body.h: what a declaration says, line by line: its equations, states, connections, events and
   phases as formulas, each with its comment and its role. */
#ifndef DYN_REPORT_BODY_H
#define DYN_REPORT_BODY_H

#include "base/vec.h"
#include "report/formula.h"

typedef struct BodyLine {
  const char *formula;
  const char *doc;  /* its comment, or NULL */
  const char *role; /* "state", "trainable connection", or "" */
  int indent;       /* 1: within the phase above */
} BodyLine;

typedef VEC(BodyLine) BodyLines;

/* Of a network, neuron or task; of a connectivity or function, its one line. */
BodyLines body_lines(Arena *a, Notation as, const Ast *decl);

/* "lif(tau = 10 ms, n)" */
const char *body_signature(Arena *a, const Ast *decl);

#endif
