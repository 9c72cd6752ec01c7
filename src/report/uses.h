/* uses.h: what the networks of a model are and what their declarations refer to. */
#ifndef DYN_REPORT_USES_H
#define DYN_REPORT_USES_H

#include "lang/network.h"

typedef struct Uses {
  VEC(const Ast *) decls; /* functions, neurons, connectivities: each once */
  bool known;             /* no value that only a run computes is among what is used */
} Uses;

/* All that a declaration refers to, directly or by way of others. */
Uses uses_of(Ev *ev, const Ast *decl, const Scope *scope);

/* The network that a value is, or that a declaration with defaults stands for, if it was made from
   `decl`; else NULL. */
Value *uses_network(Ev *ev, Value *v, const Ast *decl);

/* The arguments of a network that was made: "g = 1.5, tau = 10 ms". */
const char *uses_arguments(Ev *ev, const Network *net);
bool uses_is_argument(const Network *net, const char *name);
/* What a constant of the network is: "weight", "trainable", "connection", or "". */
const char *uses_role(const Network *net, const char *name);

#endif
