# setup.sh build|test|check: sees to it that what dynrun needs to be built, tested or checked is
# installed.
# What is missing is installed with apt-get where that is possible, after saying what and why;
# elsewhere the packages are named and nothing is touched.

missing=
need() { # PACKAGE WHY TEST...
  package=$1 why=$2
  shift 2
  "$@" > /dev/null 2>&1 && return
  missing="$missing $package"
  reasons="$reasons  $package: $why
"
}

need "${CC:-gcc}" "compiles dynrun" command -v "${CC:-gcc}"
need flex "generates the scanner" command -v flex
need bison "generates the parser" command -v bison
need pkg-config "finds the libraries" command -v pkg-config
need libgsl-dev "GNU Scientific Library: integrators, special functions, quadrature" \
  pkg-config --exists gsl
need libopenblas-dev "OpenBLAS: matrix products" pkg-config --exists openblas
need liblapacke-dev "LAPACK: linear algebra" pkg-config --exists lapacke
need libhdf5-dev "HDF5: the results file" pkg-config --exists hdf5-serial
need zlib1g-dev "zlib: compressed .npz files" pkg-config --exists zlib
need libsleef-dev "SLEEF: vectorised elementary functions" pkg-config --exists sleef
need gnuplot-nox "gnuplot: draws the figures" command -v gnuplot
[ "$1" = test ] && need libopenmpi-dev "Open MPI: sweeps over the ranks of mpirun" command -v mpicc
[ "$1" = test ] && need openmpi-bin "Open MPI's launcher, for their tests" command -v mpirun
[ "$1" = check ] && need clang-format "lays out the sources" command -v clang-format
[ -z "$missing" ] && exit 0

printf 'dynrun needs packages that are not installed here:\n%s' "$reasons"
run=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then run=sudo; else run=none; fi
fi
if ! command -v apt-get > /dev/null; then
  echo "This system has no apt-get: install their counterparts with its own package manager."
  exit 1
fi
if [ "$run" = none ]; then
  echo "Installing them takes the administrator's rights. Please run, then repeat:"
  echo "  sudo apt-get install$missing"
  exit 1
fi
echo "Installing them with apt-get."
# The lists are fetched only when the packages cannot be found without.
quiet="-qq -y -o Dpkg::Use-Pty=0 --no-install-recommends"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# shellcheck disable=SC2086
$run apt-get install $quiet $missing > /dev/null 2>&1 ||
  { $run apt-get update -qq && $run apt-get install $quiet $missing; } ||
  {
    echo "apt-get could not install them (its reason stands above). By hand:"
    echo "  apt-get install$missing"
    exit 1
  }
