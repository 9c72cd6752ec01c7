/* jit.c: a translator from register code to x86-64 machine code, one template for each instruction.
   Results are written through to the register file in memory and kept in xmm3 to xmm15 for as long
   as there is room: whose next reader is farthest gives way (Belady 1966, IBM Systems Journal 5,
   78). Calls use xmm0 to xmm2 and empty the rest. Encodings: Intel 64 and IA-32 Architectures
   Software Developer's Manual, volume 2, section 2.3 (VEX).

   rbx: the register file; r12: the cursors; r13: steps to do; r14: constants. */
#include "run/jit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "run/isa.h"

#ifdef __x86_64__

enum {
  BYTES_MOST = 96, /* of one instruction's template */
  INSTR_MOST = 1 << 14,
  XMM_FIRST = 3,
  XMM_END = 16,
  NEVER = INT32_MAX
};

enum { RAX, RBX = 3, R12 = 12, R13, R14 }; /* bases of memory operands */

/* The xmm registers hold copies of numbers of the register file. */
typedef struct Cached {
  int reg;      /* -1: none */
  int32_t next; /* the instruction that reads it next */
} Cached;

typedef struct Jit {
  const ScalarCode *code;
  const int32_t (*next)[4]; /* of each instruction's out, a, b, c: where it is read next */
  uint8_t *at;
  Cached xmm[XMM_END];
  int now; /* the instruction that is being translated */
  uint8_t *loop_start;
} Jit;

/* ---- Encoding ---- */

static void byte(Jit *j, int x) {
  *j->at++ = (uint8_t)x;
}

static void bytes(Jit *j, const void *p, size_t n) {
  memcpy(j->at, p, n);
  j->at += n;
}

static void word(Jit *j, int32_t x) {
  bytes(j, &x, sizeof x);
}

/* An operand: an xmm register or memory at base + displacement. */
typedef struct Operand {
  bool memory;
  int number; /* of the xmm register or of the base */
  int32_t displacement;
} Operand;

static Operand xmm(int number) {
  return (Operand){.number = number};
}
static Operand mem(int base, int32_t at) {
  return (Operand){true, base, at};
}

/* prefix: 0 none, 1 66, 3 F2; map: 1 0F, 3 0F3A. The operation is reg = op(first, rm). */
static void vex(Jit *j, int prefix, int map, int opcode, int reg, int first, Operand rm) {
  byte(j, 0xC4);
  byte(j, (reg < 8) << 7 | 1 << 6 | (rm.number < 8) << 5 | map);
  byte(j, (~first & 15) << 3 | prefix);
  byte(j, opcode);
  byte(j, (rm.memory ? 2 : 3) << 6 | (reg & 7) << 3 | (rm.number & 7));
  if (rm.memory) word(j, rm.displacement);
}

enum { ADD = 0x58, MUL = 0x59, SUB = 0x5C, DIV = 0x5E, SQRT = 0x51, AND = 0x54, XOR = 0x57 };

static void arithmetic(Jit *j, int opcode, int out, int first, Operand second) {
  vex(j, 3, 1, opcode, out, first, second);
}

static void load(Jit *j, int out, Operand from) {
  if (from.memory)
    vex(j, 3, 1, 0x10, out, 0, from);
  else if (from.number != out)
    vex(j, 1, 1, 0x28, out, 0, from);
}

static void store(Jit *j, int from, Operand to) {
  vex(j, 3, 1, 0x11, from, 0, to);
}

/* ---- Constants ---- */

enum { CONST_SIGN, CONST_MAGNITUDE, CONST_ONE, CONST_ZERO, CONSTS };
static const uint64_t constants[CONSTS][2] = {[CONST_SIGN] = {0x8000000000000000u},
                                              [CONST_MAGNITUDE] = {0x7FFFFFFFFFFFFFFFu},
                                              [CONST_ONE] = {0x3FF0000000000000u}};

static Operand constant(int which) {
  return mem(R14, which * 16);
}

/* ---- The cache of registers ---- */

static Operand home(int reg) {
  return mem(RBX, reg * 8);
}

static int find_cached(const Jit *j, int reg) {
  for (int x = XMM_FIRST; x < XMM_END; x++)
    if (j->xmm[x].reg == reg) return x;
  return -1;
}

static void empty_cache(Jit *j) {
  for (int x = 0; x < XMM_END; x++) j->xmm[x] = (Cached){-1, NEVER};
}

/* An xmm register for a new number: empty, no longer read, or whose next reader is farthest. */
static int take(Jit *j) {
  int best = XMM_FIRST;
  for (int x = XMM_FIRST; x < XMM_END; x++) {
    if (j->xmm[x].reg < 0) return x;
    if (j->xmm[x].next > j->xmm[best].next) best = x;
  }
  return best;
}

enum { OUT, A, B, C };

static int operand_reg(const Jit *j, int which) {
  const ScalarInstr *i = &j->code->at[j->now];
  return which == A ? i->a : which == B ? i->b : i->c;
}

/* Where an argument is; notes who reads it next. */
static Operand argument(Jit *j, int which) {
  int reg = operand_reg(j, which), x = find_cached(j, reg);
  if (x < 0) return home(reg);
  j->xmm[x].next = j->next[j->now][which];
  return xmm(x);
}

/* An argument that must be in an xmm register: loaded and kept, if it is read again. */
static int in_xmm(Jit *j, int which) {
  Operand o = argument(j, which);
  if (!o.memory) return o.number;
  int x = take(j), reg = operand_reg(j, which);
  load(j, x, o);
  j->xmm[x] = (Cached){reg, j->next[j->now][which]};
  return x;
}

/* The result is in xmm register x: in memory too, and cached. */
static void give(Jit *j, int x) {
  int reg = j->code->at[j->now].out, old = find_cached(j, reg);
  if (old >= 0) j->xmm[old] = (Cached){-1, NEVER};
  store(j, x, home(reg));
  j->xmm[x] = (Cached){reg, j->next[j->now][OUT]};
}

/* ---- Templates ---- */

typedef enum Form {
  FORM_CALL, /* whatever has no template */
  FORM_ARITHMETIC,
  FORM_SQUARE,
  FORM_SQRT,
  FORM_SIGN, /* a combined with a constant, bit by bit */
  FORM_COMPARE,
  FORM_SELECT,
  FORM_PRODUCT, /* a * b, then c */
  FORM_MOVE,
  FORM_NEXT,
  FORM_PUT,
  FORM_END
} Form;

typedef struct Template {
  Form form;
  int opcode, detail; /* detail: a constant, a comparison, or whether c comes first */
} Template;

static const Template templates[SCALAR_CODES] = {
    [OP_add] = {FORM_ARITHMETIC, ADD, 0},     [OP_sub] = {FORM_ARITHMETIC, SUB, 0},
    [OP_mul] = {FORM_ARITHMETIC, MUL, 0},     [OP_div] = {FORM_ARITHMETIC, DIV, 0},
    [OP_square] = {FORM_SQUARE, MUL, 0},      [OP_sqrt] = {FORM_SQRT, SQRT, 0},
    [OP_neg] = {FORM_SIGN, XOR, CONST_SIGN},  [OP_abs] = {FORM_SIGN, AND, CONST_MAGNITUDE},
    [OP_eq] = {FORM_COMPARE, 0, 0},           [OP_lt] = {FORM_COMPARE, 0, 1},
    [OP_le] = {FORM_COMPARE, 0, 2},           [OP_ne] = {FORM_COMPARE, 0, 4},
    [OP_select] = {FORM_SELECT, 0, 4},        [OP_muladd] = {FORM_PRODUCT, ADD, false},
    [OP_mulsub] = {FORM_PRODUCT, SUB, false}, [OP_submul] = {FORM_PRODUCT, SUB, true},
    [SCALAR_MOVE] = {FORM_MOVE, 0, 0},        [SCALAR_NEXT] = {FORM_NEXT, 0, 0},
    [SCALAR_PUT] = {FORM_PUT, 0, 0},          [SCALAR_END] = {FORM_END, 0, 0},
};

static void emit_arithmetic(Jit *j, const Template *t) {
  int a = in_xmm(j, A);
  Operand b = argument(j, B);
  int out = take(j);
  arithmetic(j, t->opcode, out, a, b);
  give(j, out);
}

static void emit_square(Jit *j, const Template *t) {
  int a = in_xmm(j, A), out = take(j);
  arithmetic(j, t->opcode, out, a, xmm(a));
  give(j, out);
}

/* The upper half of the result, which nobody reads, is that of the argument. */
static void emit_sqrt(Jit *j, const Template *t) {
  int a = in_xmm(j, A), out = take(j);
  arithmetic(j, t->opcode, out, a, xmm(a));
  give(j, out);
}

static void emit_sign(Jit *j, const Template *t) {
  int a = in_xmm(j, A), out = take(j);
  vex(j, 1, 1, t->opcode, out, a, constant(t->detail));
  give(j, out);
}

static void compare(Jit *j, int out, int a, Operand b, int how) {
  vex(j, 3, 1, 0xC2, out, a, b);
  byte(j, how);
}

static void emit_compare(Jit *j, const Template *t) {
  int a = in_xmm(j, A);
  Operand b = argument(j, B);
  int out = take(j);
  compare(j, 0, a, b, t->detail);
  vex(j, 1, 1, AND, out, 0, constant(CONST_ONE));
  give(j, out);
}

static void emit_select(Jit *j, const Template *t) {
  int a = in_xmm(j, A);
  compare(j, 0, a, constant(CONST_ZERO), t->detail);
  load(j, 1, argument(j, B));
  load(j, 2, argument(j, C));
  int out = take(j);
  vex(j, 1, 3, 0x4B, out, 2, xmm(1)); /* vblendvpd: xmm1 where the mask in xmm0 is set */
  byte(j, 0 << 4);
  give(j, out);
}

static void emit_product(Jit *j, const Template *t) {
  int a = in_xmm(j, A);
  arithmetic(j, MUL, 0, a, argument(j, B));
  if (t->detail) {
    int c = in_xmm(j, C), out = take(j);
    arithmetic(j, t->opcode, out, c, xmm(0));
    give(j, out);
  } else {
    Operand c = argument(j, C);
    int out = take(j);
    arithmetic(j, t->opcode, out, 0, c);
    give(j, out);
  }
}

static void emit_move(Jit *j, const Template *t) {
  (void)t;
  load(j, 0, argument(j, A));
  int out = take(j);
  load(j, out, xmm(0));
  give(j, out);
}

static void move_address(Jit *j, const void *p) { /* mov rax, p */
  uint64_t address = (uint64_t)(uintptr_t)p;
  bytes(j, "\x48\xB8", 2);
  bytes(j, &address, sizeof address);
}

static void emit_call(Jit *j, const Template *t) {
  (void)t;
  OpId op = (OpId)j->code->op[j->now];
  for (int k = 0; k < op_table[op].arity; k++) load(j, k, argument(j, A + k));
  union {
    ScalarFn *fn;
    const void *address;
  } target = {scalar_function(op)};
  move_address(j, target.address);
  bytes(j, "\xFF\xD0", 2); /* call rax */
  empty_cache(j);
  load(j, XMM_FIRST, xmm(0));
  give(j, XMM_FIRST);
}

/* rax = cursor; cursor += 8 */
static void advance(Jit *j, int cursor) {
  bytes(j, "\x49\x8B\x84\x24", 4); /* mov rax, [r12 + cursor * 8] */
  word(j, cursor * 8);
  bytes(j, "\x49\x83\x84\x24", 4); /* add qword [r12 + cursor * 8], 8 */
  word(j, cursor * 8);
  byte(j, 8);
}

static void emit_next(Jit *j, const Template *t) {
  (void)t;
  advance(j, j->code->at[j->now].a);
  int out = take(j);
  load(j, out, mem(RAX, 0));
  give(j, out);
}

static void emit_put(Jit *j, const Template *t) {
  (void)t;
  int a = in_xmm(j, A);
  advance(j, j->code->at[j->now].b);
  store(j, a, mem(RAX, 0));
}

static void emit_end(Jit *j, const Template *t) {
  (void)t;
  bytes(j, "\x49\xFF\xCD\x0F\x8F", 5); /* dec r13; jg loop_start */
  word(j, (int32_t)(j->loop_start - (j->at + 4)));
}

static void emit_instruction(Jit *j) {
  static void (*const emitters[])(Jit *, const Template *) = {
      [FORM_CALL] = emit_call,     [FORM_ARITHMETIC] = emit_arithmetic,
      [FORM_SQUARE] = emit_square, [FORM_SQRT] = emit_sqrt,
      [FORM_SIGN] = emit_sign,     [FORM_COMPARE] = emit_compare,
      [FORM_SELECT] = emit_select, [FORM_PRODUCT] = emit_product,
      [FORM_MOVE] = emit_move,     [FORM_NEXT] = emit_next,
      [FORM_PUT] = emit_put,       [FORM_END] = emit_end};
  const Template *t = &templates[j->code->op[j->now]];
  emitters[t->form](j, t);
}

/* ---- The whole ---- */

/* Where each operand of each instruction is read next. Registers that an instruction does not use
   are register 0, which may be kept longer than it need be. */
static void find_readers(const ScalarCode *c, int32_t (*next)[4], int32_t *last) {
  for (int i = c->n - 1; i >= 0; i--) {
    const ScalarInstr *at = &c->at[i];
    const uint16_t reg[4] = {at->out, at->a, at->b, at->c};
    for (int k = 0; k < 4; k++) next[i][k] = last[reg[k]];
    last[at->out] = NEVER;
    for (int k = A; k <= C; k++) last[reg[k]] = i;
  }
}

static void emit_all(Jit *j) {
  bytes(j, "\x53\x41\x54\x41\x55\x41\x56\x48\x83\xEC\x08", 11); /* push the four, sub rsp, 8 */
  bytes(j, "\x48\x89\xFB\x49\x89\xF4\x49\x89\xD5", 9);          /* rbx, r12, r13 = arguments */
  move_address(j, constants);
  bytes(j, "\x49\x89\xC6", 3); /* mov r14, rax */
  j->loop_start = j->at;
  empty_cache(j);
  for (j->now = 0; j->now < j->code->n; j->now++) emit_instruction(j);
  bytes(j, "\x48\x83\xC4\x08\x41\x5E\x41\x5D\x41\x5C\x5B\xC3", 12); /* undo, ret */
}

/* Memory for code is never writable and executable at once. */
typedef struct Pages {
  void *at;
  size_t bytes;
} Pages;

static void release(void *p) {
  Pages *pages = p;
  munmap(pages->at, pages->bytes);
}

static bool is_wanted(const ScalarCode *c) {
  const char *choice = getenv("DYN_JIT");
  return c->n <= INSTR_MOST && run_isa_level() >= ISA_AVX2 && !(choice && strcmp(choice, "0") == 0);
}

static void translate(const ScalarCode *c, uint8_t *to) {
  int32_t(*next)[4] = mem_alloc((size_t)c->n * sizeof *next);
  int32_t *last = mem_alloc((UINT16_MAX + 1) * sizeof *last);
  for (int k = 0; k <= UINT16_MAX; k++) last[k] = NEVER;
  find_readers(c, next, last);
  Jit j = {.code = c, .next = (const int32_t(*)[4])next, .at = to};
  emit_all(&j);
  mem_free(last);
  mem_free(next);
}

ScalarNative *jit_translate(Arena *a, const ScalarCode *c) {
  if (!is_wanted(c)) return NULL;
  Pages pages = {.bytes = ((size_t)c->n + 2) * BYTES_MOST};
  pages.at = mmap(NULL, pages.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages.at == MAP_FAILED) return NULL;
  translate(c, pages.at);
  if (mprotect(pages.at, pages.bytes, PROT_READ | PROT_EXEC) != 0) {
    munmap(pages.at, pages.bytes);
    return NULL;
  }
  Pages *kept = ARENA_NEW(a, Pages);
  *kept = pages;
  arena_defer(a, release, kept);
  union {
    void *address;
    ScalarNative *fn;
  } made = {pages.at};
  return made.fn;
}

#else

ScalarNative *jit_translate(Arena *a, const ScalarCode *c) {
  (void)a, (void)c;
  return NULL;
}

#endif
