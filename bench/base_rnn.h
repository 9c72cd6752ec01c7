/* base_rnn.h: the tanh RNN of base_train.c for one precision: REAL, NAME and GEMM are defined by
   who includes it. h' = tanh(W h + V u), z = U h', mean squared error, Adam. */

typedef struct NAME(Rnn) {
  int n;
  REAL *theta, *grad, *mean, *square; /* [W | V | U] and what Adam keeps of them */
  REAL *h, *dh, *u, *z, *target;      /* [T + 1, B, n], [T, B, n], [T, B, 3] */
} NAME(Rnn);

enum { NAME(BATCH) = 64, NAME(TIME) = 100, NAME(IO) = 3 };

static REAL *NAME(reals)(size_t n) {
  REAL *p = calloc(n, sizeof *p);
  if (!p) exit(1);
  return p;
}

static void NAME(setup)(NAME(Rnn) * r, int n) {
  const size_t rows = (size_t)NAME(BATCH) * NAME(TIME), weights = (size_t)n * (n + 2 * NAME(IO));
  r->n = n;
  REAL **arrays[] = {&r->theta, &r->grad, &r->mean, &r->square};
  for (int i = 0; i < 4; i++) *arrays[i] = NAME(reals)(weights);
  r->h = NAME(reals)((rows + NAME(BATCH)) * n);
  r->dh = NAME(reals)(rows * n);
  REAL **channels[] = {&r->u, &r->z, &r->target};
  for (int i = 0; i < 3; i++) *channels[i] = NAME(reals)(rows * NAME(IO));
  REAL *V = r->theta + (size_t)n * n, *U = V + (size_t)n * NAME(IO);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) r->theta[(size_t)i * n + j] = (REAL)formula(1, n, i, j);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < NAME(IO); k++) {
      V[i * NAME(IO) + k] = (REAL)sin(1.0 + i + 2 * k);
      U[k * n + i] = (REAL)(0.1 * sin(2.0 + 3 * k + i));
    }
  for (size_t row = 0; row < rows; row++)
    for (int k = 0; k < NAME(IO); k++) {
      double t = (double)(row / NAME(BATCH));
      r->u[row * NAME(IO) + k] = (REAL)sin(0.1 * (k + 1) * t);
      r->target[row * NAME(IO) + k] = (REAL)cos(0.1 * (k + 1) * t);
    }
}

static double NAME(forward)(NAME(Rnn) * r) {
  const int n = r->n, rows = NAME(BATCH) * NAME(TIME), io = NAME(IO), batch = NAME(BATCH);
  REAL *V = r->theta + (size_t)n * n, *U = V + (size_t)n * io, *h1 = r->h + (size_t)batch * n;
  GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, rows, n, io, 1, r->u, io, V, io, 0, h1, n);
  for (int t = 0; t < NAME(TIME); t++) {
    REAL *from = r->h + (size_t)t * batch * n, *to = from + (size_t)batch * n;
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, batch, n, n, 1, from, n, r->theta, n, 1, to, n);
    for (int i = 0; i < batch * n; i++)
      to[i] = (REAL)(sizeof(REAL) == 4 ? tanhf((float)to[i]) : tanh(to[i]));
  }
  GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, rows, io, n, 1, h1, n, U, n, 0, r->z, io);
  double loss = 0;
  for (int i = 0; i < rows * io; i++) {
    REAL e = r->z[i] - r->target[i];
    loss += (double)(e * e);
    r->z[i] = 2 * e / (REAL)(rows * io);
  }
  return loss / (rows * io);
}

static void NAME(backward)(NAME(Rnn) * r) {
  const int n = r->n, rows = NAME(BATCH) * NAME(TIME), io = NAME(IO), batch = NAME(BATCH);
  REAL *U = r->theta + (size_t)n * (n + io), *h1 = r->h + (size_t)batch * n;
  REAL *dV = r->grad + (size_t)n * n, *dU = dV + (size_t)n * io;
  GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n, io, 1, r->z, io, U, n, 0, r->dh, n);
  for (int t = NAME(TIME) - 1; t >= 0; t--) {
    REAL *d = r->dh + (size_t)t * batch * n, *h = h1 + (size_t)t * batch * n;
    for (int i = 0; i < batch * n; i++) d[i] *= 1 - h[i] * h[i];
    if (t > 0)
      GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, n, n, 1, d, n, r->theta, n, 1,
           d - (size_t)batch * n, n);
  }
  GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, rows, 1, r->dh, n, r->h, n, 0, r->grad, n);
  GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, n, io, rows, 1, r->dh, n, r->u, io, 0, dV, io);
  GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, io, n, rows, 1, r->z, io, h1, n, 0, dU, n);
}

static void NAME(adam)(NAME(Rnn) * r, int step) {
  const double a = 1 - pow(0.9, step), b = 1 - pow(0.999, step);
  for (int i = 0; i < r->n * (r->n + 2 * NAME(IO)); i++) {
    REAL g = r->grad[i];
    r->mean[i] = (REAL)0.9 * r->mean[i] + (REAL)0.1 * g;
    r->square[i] = (REAL)0.999 * r->square[i] + (REAL)0.001 * g * g;
    r->theta[i] -= (REAL)(1e-3 / a) * r->mean[i] / ((REAL)sqrt(r->square[i] / b) + (REAL)1e-8);
  }
}

static double NAME(rnn)(int n, int steps) {
  NAME(Rnn) r;
  NAME(setup)(&r, n);
  double loss = 0;
  for (int s = 1; s <= steps; s++) {
    loss = NAME(forward)(&r);
    NAME(backward)(&r);
    NAME(adam)(&r, s);
  }
  return loss;
}
