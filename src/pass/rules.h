/* rules.h: making nodes with local algebra. Values are kept: what is left out or replaced gives the
   same numbers (but for the sign of zero, and pow, which becomes products). With `fast`, division
   by constants becomes multiplication by their reciprocals and constant factors are joined. */
#ifndef DYN_PASS_RULES_H
#define DYN_PASS_RULES_H

#include "graph/graph.h"

/* As graph_add, but simplified. The shape is that of graph_add; loops over which the value does not
   change may be missing. */
NodeId rule_add(Graph *g, OpId op, const NodeId *in, int nin, const OpAttr *attr, bool fast);

NodeId rule_op1(Graph *g, OpId op, NodeId a);
NodeId rule_op2(Graph *g, OpId op, NodeId a, NodeId b);
NodeId rule_op3(Graph *g, OpId op, NodeId a, NodeId b, NodeId c);
NodeId rule_axis(Graph *g, OpId op, NodeId a, int axis); /* ops whose one attribute is the axis */
NodeId rule_broadcast(Graph *g, NodeId a, Shape s);
NodeId rule_reshape(Graph *g, NodeId a, Shape s);
NodeId rule_transpose(Graph *g, NodeId a, const int *perm);
NodeId rule_stack(Graph *g, NodeId a, int loop);
NodeId rule_unstack(Graph *g, NodeId a, int loop);
NodeId rule_matmul(Graph *g, NodeId a, NodeId b);
NodeId rule_zeros(Graph *g, Shape s);
NodeId rule_arange(Graph *g, int64_t n); /* the constant 0, 1, ..., n - 1 */
/* a @ b where one of them is a unit vector along a loop; NODE_NONE: it is not. */
NodeId rule_unit_product(Graph *g, NodeId a, NodeId b);
/* A matrix's (or the last two axes') transpose. */
NodeId rule_flip_axes(Graph *g, NodeId a);

#endif
