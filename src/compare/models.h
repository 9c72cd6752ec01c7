/* models.h: two models against each other, by their trees: layout, comments and the order of
   declarations make no difference. */
#ifndef DYN_COMPARE_MODELS_H
#define DYN_COMPARE_MODELS_H

#include "compare/comparison.h"
#include "report/provenance.h"

/* A row for each parameter, `let`, claim and other statement of the file, and for each statement in
   the body of a network, neuron, task or analysis. The texts have no errors. */
void compare_models(const char *first, const char *second, Comparison *c);
/* What two runs were made of: their models, parameters set from outside, seeds. */
void compare_origins(const Provenance *first, const Provenance *second, Comparison *c);

#endif
