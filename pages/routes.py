"""Lines between boxes: horizontal and vertical, around the boxes, on a grid.

All lines to one goal grow into a tree, so that a trunk stands for many; lines to different goals may cross, but never run
along the same way.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Cell = tuple[int, int]
Step = tuple[Cell, Cell]

_BEND, _CROSSING, _BESIDE_A_BOX = 4.0, 3.0, 2.0
_WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass
class Grid:
    """Where lines may go. `blocked`: inside a box; `narrow`: beside one."""

    width: int
    height: int
    blocked: set[Cell]
    narrow: set[Cell]
    _owner: dict[Step, str] = field(default_factory=dict)
    _visited: dict[Cell, set[str]] = field(default_factory=dict)

    def connect(self, goal: str, starts: Iterable[Cell], ends: Sequence[Cell]) -> list[Cell]:
        """The cheapest way to one of `ends`, from the goal's tree or `starts`; it is part of the tree from now on."""
        tree = [cell for cell, goals in self._visited.items() if goal in goals]
        path = self._cheapest(goal, tree or list(starts), ends)
        for cell, following in pairwise(path):
            self._owner[_step(cell, following)] = goal
        for cell in path:
            self._visited.setdefault(cell, set()).add(goal)
        return path

    def _cheapest(self, goal: str, starts: Sequence[Cell], ends: Sequence[Cell]) -> list[Cell]:
        wanted = set(ends)
        came_from: dict[tuple[Cell, Cell], tuple[Cell, Cell] | None] = {}
        queue: list[tuple[float, Cell, Cell, tuple[Cell, Cell] | None]] = [(0.0, one, (0, 0), None) for one in starts]
        heapq.heapify(queue)
        while queue:
            cost, cell, way, before = heapq.heappop(queue)
            if (cell, way) in came_from:
                continue
            came_from[cell, way] = before
            # a line arrives at a box from the side
            if cell in wanted and way[1] == 0:
                return _back((cell, way), came_from)
            for turned in _WAYS:
                following = (cell[0] + turned[0], cell[1] + turned[1])
                price = self._price(goal, cell, following, way, turned)
                if price is not None and (following, turned) not in came_from:
                    heapq.heappush(queue, (cost + price, following, turned, (cell, way)))
        raise ValueError(f"no way to {goal}")

    def _price(self, goal: str, cell: Cell, following: Cell, way: Cell, turned: Cell) -> float | None:
        if following in self.blocked or not (1 < following[0] < self.width - 1 and 1 < following[1] < self.height - 1):
            return None
        if turned == (-way[0], -way[1]) and way != (0, 0):
            return None
        owner = self._owner.get(_step(cell, following), goal)
        others = self._visited.get(following, set()) - {goal}
        if owner != goal or (others and self._turns_at(following, turned)):
            return None
        price = 1.0 + (_BEND if way not in ((0, 0), turned) else 0.0)
        price += _BESIDE_A_BOX if following in self.narrow else 0.0
        return price + (_CROSSING * len(others))

    def _turns_at(self, cell: Cell, way: Cell) -> bool:
        """Whether a line of another goal lies along `way` at a cell, or bends there: then it may not be crossed there."""
        ahead = (cell[0] + way[0], cell[1] + way[1])
        behind = (cell[0] - way[0], cell[1] - way[1])
        across = [(cell[0] + way[1], cell[1] + way[0]), (cell[0] - way[1], cell[1] - way[0])]
        if _step(cell, ahead) in self._owner or _step(behind, cell) in self._owner:
            return True
        return not all(_step(cell, one) in self._owner for one in across)


def _step(one: Cell, other: Cell) -> Step:
    return (one, other) if one < other else (other, one)


def _back(last: tuple[Cell, Cell], came_from: dict[tuple[Cell, Cell], tuple[Cell, Cell] | None]) -> list[Cell]:
    path = []
    state: tuple[Cell, Cell] | None = last
    while state is not None:
        path.append(state[0])
        state = came_from[state]
    return path[::-1]
