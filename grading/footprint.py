"""What a check of a submission depends on, read from the source without running it.

An answer names classes and functions of the homework; those use others, in their own file and in
the files that it imports. Their syntax trees together are the check's footprint: while it stays
the same, so does what the check would find. Comments, layout and docstrings are no part of it.
What is found by a text at run time, as in ``globals()[name]``, is not seen.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from grading.claims import Claim
from grading.modules import Module, Place, names_read
from grading.shipping import modules_used, names_used
from grading.spellings import IN_A_CLASS, accepted


class Sources:
    """All Python files of a submission at one moment.

    Args:
        files: their bytes by their path below the submission's root.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.modules: dict[str, Module] = {}
        # A package wins over a module of the same name, as it does for Python.
        for file in sorted(files, key=lambda file: file.endswith("__init__.py")):
            name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            self.modules[name] = _module(name, file, files[file])

    def footprint(self, claim: Claim, wide: bool = False) -> str:
        """A digest of everything that the check's outcome can depend on.

        For a check that does not train, the import lines of the files in question count too:
        such a check is cheap, and a new import may fail.

        Args:
            claim: the check.
            wide: count whatever its worker imports, used or not; for a check that an import ended.
        """
        loaded = self._loaded(claim)
        if wide:
            return _digest([module.digest for module in loaded])
        effects = [(module, node) for module in loaded for node in module.effects]
        used = [place for module, node in effects for place in self._uses(module, node)]
        parts = [f"{module.name} {_dump(node)}" for module, node in effects]
        parts += [module.digest for module in loaded if module.trouble]
        for name, bound in sorted(self._reached([*self._roots(claim), *used])):
            parts += [f"{name} {bound} {_dump(node)}" for node in self.modules[name].bound[bound]]
            if not claim.trains:
                parts += self.modules[name].import_lines
        return _digest(parts)

    def troubles(self, claims: Iterable[Claim]) -> list[str]:
        """What cannot be read as Python among the files that the checks import."""
        found = [module.trouble for claim in claims for module in self._loaded(claim)]
        return [trouble for trouble in dict.fromkeys(found) if trouble]

    def imports(self, claim: Claim, file: str) -> bool:
        """Whether the check's worker imports a file."""
        return any(module.file == file for module in self._loaded(claim))

    def _roots(self, claim: Claim) -> list[Place]:
        """What the answer reads off the student, as far as it is there."""
        found: list[Place] = []
        for module, name in sorted(names_used(claim)):
            spellings = list(accepted(module, name))
            if (module, name) in IN_A_CLASS:
                spellings += accepted("models", IN_A_CLASS[module, name][0])
            places = (self._resolve(*spelling) for spelling in spellings)
            found += [place for place in places if place is not None][:1]
        return found

    def _loaded(self, claim: Claim) -> list[Module]:
        """The modules that the check's worker imports, directly or not, by name."""
        waiting = [*modules_used(claim), *(module for module, _ in self._roots(claim))]
        found: dict[str, Module] = {}
        while waiting:
            name = waiting.pop()
            if name in self.modules and name not in found:
                found[name] = self.modules[name]
                waiting += found[name].imported
            if "." in name:
                waiting.append(name.rpartition(".")[0])
        return [found[name] for name in sorted(found)]

    def _reached(self, roots: Iterable[Place]) -> set[Place]:
        """Every definition that some places use, directly or not."""
        waiting = list(roots)
        found: set[Place] = set()
        while waiting:
            name, bound = waiting.pop()
            module = self.modules[name]
            if bound == "":  # the module as a value: anything in it may be meant
                waiting += [(name, each) for each in module.bound if (name, each) not in found]
            elif (name, bound) not in found:
                found.add((name, bound))
                for node in module.bound[bound]:
                    waiting += self._uses(module, node)
        return found

    def _uses(self, module: Module, node: ast.AST) -> Iterator[Place]:
        """The places in the submission that a piece of code names."""
        for path in names_read(node):
            place = self._follow(module.name, path)
            if place is not None:
                yield place

    def _follow(self, module: str, path: list[str]) -> Place | None:
        """Where ``a.b.c`` in a module leads: to a definition, a module, or out of the homework."""
        place: Place | None = (module, "")
        for name in path:
            if place is None or place[1]:
                break
            place = self._resolve(place[0], name)
        return place

    def _resolve(
        self, module: str, name: str, seen: frozenset[Place] = frozenset()
    ) -> Place | None:
        """Where a module's name is bound; None if that is not in the submission."""
        holder = self.modules.get(module)
        if holder is None or (module, name) in seen:
            return None
        if name in holder.bound:
            return module, name
        seen = seen | {(module, name)}
        if name in holder.imports:
            base, wanted = holder.imports[name]
            if wanted:
                return self._resolve(base, wanted, seen)
            return (base, "") if base in self.modules else None
        for star in holder.stars:
            place = self._resolve(star, name, seen)
            if place is not None:
                return place
        below = f"{module}.{name}"
        return (below, "") if below in self.modules else None


@lru_cache(maxsize=256)
def _module(name: str, file: str, content: bytes) -> Module:
    return Module(name, file, content)


@lru_cache(maxsize=4096)
def _dump(node: ast.stmt) -> str:
    return ast.dump(node)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()
