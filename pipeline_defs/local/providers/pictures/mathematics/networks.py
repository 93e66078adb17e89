"""Drawings of graphs: vertices and edges with what the theory says about them."""

from __future__ import annotations

import math

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics.typeset import place_formula
from pipeline_defs.local.providers.pictures.palettes import mixed

Edge = tuple[int, int]
Spot = tuple[float, float]
# A small town of seven crossings: places in shares of the box, and roads with their lengths.
_PLACES: tuple[Spot, ...] = ((0.06, 0.5), (0.3, 0.12), (0.32, 0.86), (0.52, 0.48), (0.72, 0.1),
                             (0.74, 0.88), (0.95, 0.5))  # fmt: skip
_ROADS: dict[Edge, int] = {(0, 1): 4, (0, 2): 3, (1, 3): 2, (2, 3): 5, (1, 4): 7, (3, 4): 3,
                           (3, 5): 4, (2, 5): 6, (4, 6): 2, (5, 6): 5}  # fmt: skip


def _ring(box: Box, count: int, *, turn: float = -math.pi / 2) -> list[Spot]:
    r_x, r_y = min(box.width / 2 - 40, box.height * 0.62), box.height / 2 - 40
    return [
        (box.center + r_x * math.cos(turn + 2 * math.pi * i / count),
         box.middle + r_y * math.sin(turn + 2 * math.pi * i / count))
        for i in range(count)
    ]  # fmt: skip


def _town(box: Box) -> list[Spot]:
    inner = box.inset(36)
    return [(inner.x + x * inner.width, inner.y + y * inner.height) for x, y in _PLACES]


def _edges(
    stage: Stage, spots: list[Spot], edges: list[Edge], color: str, width: float = 5
) -> None:
    for one, other in edges:
        stage.canvas.line(spots[one], spots[other], color, width)


def _vertices(
    stage: Stage, spots: list[Spot], *, labels: list[str] | None = None,
    colors: list[str] | None = None, r: float = 30,
) -> None:  # fmt: skip
    for i, (x, y) in enumerate(spots):
        color = colors[i] if colors else stage.look.accent
        stage.canvas.circle(x, y, r, color, stroke=stage.look.palette.background, width=5)
        if labels:
            side = r * 1.2
            on = stage.look.palette.on(color)
            place_formula(
                stage.canvas, labels[i], Box(x - side / 2, y - side / 2, side, side), on, size=38
            )


def _quiet(stage: Stage) -> str:
    return mixed(stage.look.palette.background, stage.muted, 0.7)


def draw_degrees(stage: Stage, box: Box) -> None:
    """A graph with the degree of each vertex."""
    spots, edges = _town(box), list(_ROADS)
    degrees = [sum(i in edge for edge in edges) for i in range(len(spots))]
    _edges(stage, spots, edges, _quiet(stage))
    colors = [stage.look.second if degree % 2 else stage.look.accent for degree in degrees]
    _vertices(stage, spots, labels=[str(degree) for degree in degrees], colors=colors, r=34)


def draw_network(stage: Stage, box: Box) -> None:
    """Vertices and edges, one neighbourhood lit."""
    spots, edges = _town(box), list(_ROADS)
    center = stage.look.turn((3, 1, 4))
    _edges(stage, spots, edges, _quiet(stage))
    _edges(stage, spots, [edge for edge in edges if center in edge], stage.look.accent, 8)
    near = {i for edge in edges if center in edge for i in edge}
    colors = [stage.look.accent if i == center else stage.look.second if i in near else stage.muted
              for i in range(len(spots))]  # fmt: skip
    _vertices(stage, spots, colors=colors, r=32)


def draw_shortest_path(stage: Stage, box: Box) -> None:
    """Roads with lengths and the shortest way from left to right: 4 + 2 + 3 + 2 = 11."""
    spots = _town(box)
    _edges(stage, spots, list(_ROADS), _quiet(stage))
    _edges(stage, spots, [(0, 1), (1, 3), (3, 4), (4, 6)], stage.look.accent, 10)
    _weights(stage, spots, _ROADS)
    _vertices(stage, spots, r=26)


def _weights(stage: Stage, spots: list[Spot], weights: dict[Edge, int]) -> None:
    for (one, other), weight in weights.items():
        x, y = (spots[one][0] + spots[other][0]) / 2, (spots[one][1] + spots[other][1]) / 2
        stage.canvas.circle(x, y, 23, stage.look.palette.background)
        place_formula(stage.canvas, str(weight), Box(x - 18, y - 18, 36, 36), stage.ink, size=34)


def draw_spanning_tree(stage: Stage, box: Box) -> None:
    """The minimum spanning tree of the roads, found by taking the shortest ones first."""
    spots = _town(box)
    group = list(range(len(spots)))
    tree: list[Edge] = []
    for one, other in sorted(_ROADS, key=lambda edge: (_ROADS[edge], edge)):
        if group[one] != group[other]:
            tree.append((one, other))
            group = [group[one] if g == group[other] else g for g in group]
    _edges(stage, spots, list(_ROADS), mixed(stage.look.palette.background, stage.muted, 0.35))
    _edges(stage, spots, tree, stage.look.accent, 10)
    _weights(stage, spots, _ROADS)
    _vertices(stage, spots, r=26)


def draw_complete(stage: Stage, box: Box) -> None:
    """Five vertices, all joined."""
    count = stage.look.turn((5, 6, 5))
    spots = _ring(box, count)
    _edges(stage, spots, [(i, j) for i in range(count) for j in range(i)], stage.look.second)
    _vertices(stage, spots)


def draw_bipartite(stage: Stage, box: Box) -> None:
    """Three houses and three wells: each joined to each."""
    spots = [
        (box.x + box.width * (0.16 + 0.34 * i), box.y + box.height * y)
        for y in (0.14, 0.86)
        for i in range(3)
    ]
    _edges(stage, spots, [(i, 3 + j) for i in range(3) for j in range(3)], _quiet(stage))
    colors = [stage.look.accent] * 3 + [stage.look.second] * 3
    _vertices(stage, spots, colors=colors, r=36)


def draw_matching(stage: Stage, box: Box) -> None:
    """Pairs between two sides."""
    spots = [
        (box.x + box.width * x, box.y + box.height * (0.12 + 0.25 * i))
        for x in (0.18, 0.82)
        for i in range(4)
    ]
    possible = [(0, 4), (0, 5), (1, 4), (1, 6), (2, 5), (2, 7), (3, 6), (3, 7)]
    _edges(stage, spots, possible, _quiet(stage), 4)
    _edges(stage, spots, [(0, 5), (1, 4), (2, 7), (3, 6)], stage.look.accent, 9)
    _vertices(stage, spots, colors=[stage.look.accent] * 4 + [stage.look.second] * 4)


def draw_bridges(stage: Stage, box: Box) -> None:
    """Königsberg: four pieces of land, seven bridges."""
    x, y = box.x + box.width * 0.3, box.middle
    spots = [(x, box.y + 50), (x, box.bottom - 50), (box.x + 70, y), (box.right - 70, y)]
    spots[2], island = (x, y), 2
    for bank in (0, 1):
        for bend in (-80, 80):
            middle = (x + bend, (spots[bank][1] + y) / 2)
            stage.canvas.curve(_bow(spots[bank], middle, spots[island]), stage.look.second, 7)
        stage.canvas.line(spots[bank], spots[3], stage.look.second, 7)
    stage.canvas.line(spots[island], spots[3], stage.look.second, 7)
    _vertices(stage, spots, labels=["3", "3", "5", "3"], r=42)


def _bow(start: Spot, through: Spot, end: Spot) -> list[Spot]:
    """A bent line by way of a control point."""
    points: list[Spot] = []
    for i in range(25):
        t = i / 24
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        points.append(
            (a * start[0] + b * through[0] + c * end[0], a * start[1] + b * through[1] + c * end[1])
        )
    return points


def draw_rooted_tree(stage: Stage, box: Box) -> None:
    """A binary tree of three levels, leaves in another colour."""
    spots: list[Spot] = []
    edges: list[Edge] = []
    for level in range(4):
        for k in range(2**level):
            across = (k + 0.5) / 2**level
            spots.append(
                (box.x + 30 + across * (box.width - 60), box.y + 36 + level * (box.height - 72) / 3)
            )
            if level:
                edges.append(((len(spots) - 2) // 2, len(spots) - 1))
    _edges(stage, spots, edges, _quiet(stage))
    colors = [stage.look.accent if i < 7 else stage.look.second for i in range(len(spots))]
    _vertices(stage, spots, colors=colors, r=26)


def draw_cycle(stage: Stage, box: Box) -> None:
    """A round trip that visits every vertex of a cube's net once."""
    outer = _ring(box, 4, turn=-math.pi / 4)
    center = (box.center, box.middle)
    inner = [
        (center[0] + (x - center[0]) * 0.45, center[1] + (y - center[1]) * 0.45) for x, y in outer
    ]
    spots = outer + inner
    edges = [(i, (i + 1) % 4) for i in range(4)] + [(4 + i, 4 + (i + 1) % 4) for i in range(4)]
    edges += [(i, i + 4) for i in range(4)]
    _edges(stage, spots, edges, _quiet(stage))
    round_trip = [(0, 1), (1, 2), (2, 3), (3, 7), (7, 6), (6, 5), (5, 4), (4, 0)]
    _edges(stage, spots, round_trip, stage.look.accent, 9)
    _vertices(stage, spots, r=26)


def draw_planar(stage: Stage, box: Box) -> None:
    """The same graph of four vertices with and without a crossing."""
    left, right = box.columns(2, 60)
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    square = [(left.x + 40, left.middle - 130), (left.right - 40, left.middle - 130),
              (left.right - 40, left.middle + 130), (left.x + 40, left.middle + 130)]  # fmt: skip
    _edges(stage, square, edges, stage.look.second)
    _vertices(stage, square, colors=[stage.look.second] * 4)
    free = [(right.center, right.middle - 150), (right.right - 34, right.middle + 140),
            (right.center, right.middle + 40), (right.x + 34, right.middle + 140)]  # fmt: skip
    _edges(stage, free, edges, stage.look.accent)
    _vertices(stage, free)


def draw_coloring(stage: Stage, box: Box) -> None:
    """Neighbours in different colours: a wheel of five needs four."""
    rim = _ring(box, 5)
    spots = [*rim, (box.center, box.middle)]
    edges = [(i, (i + 1) % 5) for i in range(5)] + [(i, 5) for i in range(5)]
    _edges(stage, spots, edges, _quiet(stage))
    accents = stage.look.palette.accents
    _vertices(stage, spots, colors=[accents[i] for i in (0, 1, 0, 1, 2, 3)], r=42)


def draw_flow(stage: Stage, box: Box) -> None:
    """A flow from a source to a sink, and the cut that limits it."""
    spots = _town(box)
    for one, other in _ROADS:
        stage.canvas.arrow(spots[one], _short_of(spots[one], spots[other], 34), _quiet(stage), 5)
    x = box.x + box.width * 0.43
    stage.canvas.line((x, box.y + 6), (x, box.bottom - 6), stage.look.accent, 5, dashed=True)
    colors = [stage.look.accent, *[stage.muted] * 5, stage.look.second]
    _vertices(stage, spots, colors=colors, r=30)


def _short_of(start: Spot, end: Spot, gap: float) -> Spot:
    length = math.dist(start, end)
    share = (length - gap) / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def draw_hub(stage: Stage, box: Box) -> None:
    """A hub with many links beside vertices with few."""
    rim = _ring(box, 10)
    spots = [*rim, (box.center, box.middle)]
    _edges(stage, spots, [(i, 10) for i in range(10)], stage.look.second)
    _edges(stage, spots, [(0, 1), (3, 4), (6, 7)], _quiet(stage))
    colors = [stage.look.second] * 10 + [stage.look.accent]
    _vertices(stage, spots, colors=colors, r=24)
    stage.canvas.circle(*spots[10], 48, stage.look.accent)


def draw_small_world(stage: Stage, box: Box) -> None:
    """A ring of neighbours with a few shortcuts across."""
    count = 16
    spots = _ring(box, count)
    near = [(i, (i + step) % count) for i in range(count) for step in (1, 2)]
    _edges(stage, spots, near, _quiet(stage), 3)
    _edges(stage, spots, [(0, 7), (3, 12), (5, 14)], stage.look.accent, 7)
    _vertices(stage, spots, colors=[stage.look.second] * count, r=20)
