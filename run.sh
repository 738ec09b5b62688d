#!/bin/sh
# The project's commands, one short line each: sh run.sh VERB [ARGUMENTS...]
set -eu
cd "$(dirname "$0")"

python=python3
command -v python3 >/dev/null 2>&1 || python=python
if [ -z "${VIRTUAL_ENV:-}" ]; then # an environment that is active already comes first
    [ -x .venv/Scripts/python.exe ] && python=.venv/Scripts/python.exe
    [ -x .venv/bin/python ] && python=.venv/bin/python
fi

# A busy-waiting thread slows down everything beside it.
export OMP_WAIT_POLICY=PASSIVE

setup() {
    "$python" -m venv .venv
    if [ -x .venv/bin/python ]; then python=.venv/bin/python; else python=.venv/Scripts/python.exe; fi
    "$python" -m pip install -r requirements.txt "$@"
}

# for staff only:
check() {
    "$python" -c "import mypy, pytest, ruff, xdist" 2>/dev/null ||
        "$python" -m pip install -r requirements-dev.txt
    "$python" -m ruff check .
    "$python" -m ruff format --check .
    "$python" -m mypy
    "$python" -m pytest -n logical --dist loadfile --max-worker-restart 0 "$@"
}

# for everybody:
verbs() {
    echo "usage: sh run.sh VERB [ARGUMENTS...]"
    echo "  setup     make .venv and install the requirements"
    # for staff only:
    echo "  check     ruff, mypy and pytest on all cores; arguments go to pytest (-n 0: on one)"
    echo "  handout   python -m handout: build, verify"
    echo "  redteam   let every cheat of tests/cheats loose on the grader, and keep the score"
    # for everybody:
    echo "  grade     python autograder.py"
    echo "  data      python -m data"
    echo "  chargpt   train the character model of q7" # courses/machine_learning/
    echo "  mlp       train the network of q8 on Fashion-MNIST" # courses/mlp_from_scratch/
    echo "  rnn       train the language model of q10, or let it complete a text" # courses/recurrent_lm/
    echo "  vocab     choose the words that q11's translator will know" # courses/translation/
    echo "  train_local, test_local   a small translator, to see that all works" # courses/translation/
    echo "  train, test   q11's translator: train it, translate the test sentences" # courses/translation/
    echo "  collect   make submission.zip"
}

verb=${1:-}
[ $# -gt 0 ] && shift
case $verb in
setup) setup "$@" ;;
# for staff only:
check) check "$@" ;;
handout) exec "$python" -m handout "$@" ;;
redteam) exec "$python" -m tests.cheats "$@" ;;
# for everybody:
grade) exec "$python" autograder.py "$@" ;;
data) exec "$python" -m data "$@" ;;
chargpt) exec "$python" -m courses.machine_learning.chargpt "$@" ;;
mlp) exec "$python" -m courses.mlp_from_scratch.neural_networks "$@" ;;
rnn) exec "$python" -m courses.recurrent_lm.rnn "$@" ;;
vocab) exec "$python" -m courses.translation.vocab "$@" ;;
train_local | test_local | train | test) exec "$python" -m courses.translation "$verb" "$@" ;;
collect) exec "$python" -m handout.collect "$@" ;;
help | --help | -h) verbs ;;
*)
    {
        [ -n "$verb" ] && echo "run.sh: there is no verb '$verb'"
        verbs
    } >&2
    exit 2
    ;;
esac
