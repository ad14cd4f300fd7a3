# SPDX-License-Identifier: Apache-2.0
"""DSPy by itself, as a script would use it: what DspyBench measures programs in a pool against.

    python bare_dspy.py http://127.0.0.1:8000/v1

reads lines from standard input and answers each with one JSON list of nanoseconds:

    one 100 stand-in      the time of each of 100 executions, one after the other
    many 100 slow-200     the time that 100 executions take together, each in a thread of its own
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import dspy

dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
program = dspy.Predict("question -> answer")


def timed(lm: dspy.LM, number: int) -> int:
    question = f"What is the number {number}?"
    begin = time.perf_counter_ns()
    with dspy.context(lm=lm):
        answer = program(question=question).answer
    took = time.perf_counter_ns() - begin
    assert question in answer, answer
    return took


def main() -> None:
    models: dict[str, dspy.LM] = {}
    for line in sys.stdin:
        how, count, name = line.split()
        if name not in models:
            models[name] = dspy.LM(f"openai/{name}", api_base=sys.argv[1], api_key="none", cache=False)
        numbers = range(int(count))
        if how == "one":
            told = [timed(models[name], number) for number in numbers]
        else:
            with ThreadPoolExecutor(len(numbers)) as threads:
                begin = time.perf_counter_ns()
                for _ in threads.map(lambda number, lm=models[name]: timed(lm, number), numbers):
                    pass
                told = [time.perf_counter_ns() - begin]
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
