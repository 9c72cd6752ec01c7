# slurm.sh DYNRUN: the job script of `dynrun slurm` is sound, and runs the model with the options
# that it was made with. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

cat > "it's a sweep.dyn" <<'EOF'
param g = 1
param name = "x"
let s = sweep k < 3 { (y = g * k + sample(uniform(0, 1), [])) }
print(s.y, name)
EOF
ok "a script" ends 0 slurm "it's a sweep.dyn" -p g=3 -p "name=it's \$HOME" --seed 7 -o "my results" -j 5 --fail-fast
cp out job.sh
ok "is one of bash" bash -n job.sh
ok "with a line for Slurm" says job.sh '^#SBATCH --ntasks=5$'
ok "and a name without blanks" says job.sh '^#SBATCH --job-name=it_s_a_sweep$'

# A launcher that starts one process.
mkdir bin
printf '#!/bin/sh\necho "$2" > ranks\nshift 2\nexec "$@"\n' > bin/mpirun
chmod +x bin/mpirun
ok "it runs" env PATH="$PWD/bin:$PATH" SLURM_NTASKS=5 bash job.sh > run.out
ok "over all ranks" is ranks 5
ok "as dynrun does" ends 0 "it's a sweep.dyn" -p g=3 -p "name=it's \$HOME" --seed 7 -o "my results" --fail-fast
ok "with the same output" cmp -s out run.out
ok "without -j it asks for 64 ranks" ends 0 slurm "it's a sweep.dyn"
ok "and says so" says out '^#SBATCH --ntasks=64$'
echo 'let a = b' > wrong.dyn
ok "a model with an error gets none" ends 3 slurm wrong.dyn
ok "but the error" says err E0201
ok "and nothing else" [ ! -s out ]

counts slurm
