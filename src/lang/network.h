/* network.h: networks as values. A Network is a declaration with its arguments; it is traced to a
   System the first time that something asks for it. */
#ifndef DYN_LANG_NETWORK_H
#define DYN_LANG_NETWORK_H

#include "lang/eval.h"
#include "model/system.h"

struct Network {
  const Ast *decl;
  Scope *scope; /* what the declaration closes over */
  const char *name;
  const char *path; /* of its draws: "lab_ei" */
  Field *given;     /* the arguments that were given: the others are defaults */
  int ngiven;
  Field *args; /* all arguments, defaults filled in, in the order of the header */
  int nargs;
  uint64_t seed;  /* its `seed` argument */
  Map set;        /* weights and draws that were set or trained: name to Value * */
  System *system; /* NULL until traced; failed traces stay NULL with `broken` set */
  Map constants;  /* path to Value *: lets, draws, connections, arguments ("rec", "E.tau") */
  bool broken;
  Value **parameters; /* placeholders in its arguments, see network_of_parameters */
  int nparameters;
  const char *method; /* the integrator and step that training used, or NULL */
  double dt;
  Where at;
  Arena *arena; /* where it lives, its system too */
};

Value *network_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                    Where at);
System *network_system(Ev *ev, Value *net, Where at); /* traces on demand; NULL: reported */
/* What was just evaluated settled of which kind the time of the network being traced is. */
void network_time_known(Ev *ev, Where at);
Value *network_field(Ev *ev, Value *net, const char *name, Where at); /* net.W, net.rec, net.E */
Value *network_with(Ev *ev, Value *net, Value *const *args, const char *const *names, int n,
                    Where at);
/* v as a network: also a declaration whose arguments all have defaults. NULL: reported. */
Value *network_of(Ev *ev, Value *v, Where at);
/* The network that the function f gives for n numbers p: they are the first weights of its system.
 */
Value *network_of_parameters(Ev *ev, Value *f, Value *const *p, int n, Where at);
/* A copy with these weights (as trained): values in the order of System.weights. */
Value *network_with_weights(Ev *ev, Value *net, const Tensor *const *w);

#endif
