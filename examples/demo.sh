# demo.sh DYNRUN: runs an example and says where its results are.
dynrun=$1
model=examples/chaos_network.dyn
[ -e "$model" ] || model=$(ls examples/*.dyn | head -1)
echo
echo "Running $model:"
echo
"$dynrun" "$model" || exit
folder=${model%.dyn}.run
echo
echo "$folder/results.h5 holds the arrays, with units; in Python:"
echo "  import h5py; h5py.File(\"$folder/results.h5\").visit(print)"
echo "$folder/run.json holds parameters, seed, versions and the claims."
