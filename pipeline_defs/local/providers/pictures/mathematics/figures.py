"""The true drawings of mathematics by name."""

from __future__ import annotations

from collections.abc import Callable

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics import chance, curves, networks, numbers

FIGURES: dict[str, Callable[[Stage, Box], None]] = {
    "area": curves.draw_area,
    "exponential": curves.draw_exponential,
    "extremum": curves.draw_extremum,
    "harmonic": curves.draw_harmonic,
    "jump": curves.draw_jump,
    "limit": curves.draw_limit,
    "logistic": curves.draw_logistic,
    "newton": curves.draw_newton,
    "oscillation": curves.draw_oscillation,
    "riemann": curves.draw_riemann,
    "secants": curves.draw_secants,
    "series": curves.draw_series,
    "slope_field": curves.draw_slope_field,
    "tangent": curves.draw_tangent,
    "taylor": curves.draw_taylor,
    "binomial": chance.draw_binomial,
    "birthdays": chance.draw_birthdays,
    "coins": chance.draw_coins,
    "die": chance.draw_die,
    "events": chance.draw_events,
    "geometric": chance.draw_geometric,
    "long_run": chance.draw_long_run,
    "normal": chance.draw_normal,
    "pascal": chance.draw_pascal,
    "poisson": chance.draw_poisson,
    "tree": chance.draw_tree,
    "two_dice": chance.draw_two_dice,
    "walk": chance.draw_walk,
    "bipartite": networks.draw_bipartite,
    "bridges": networks.draw_bridges,
    "coloring": networks.draw_coloring,
    "complete": networks.draw_complete,
    "cycle": networks.draw_cycle,
    "degrees": networks.draw_degrees,
    "flow": networks.draw_flow,
    "hub": networks.draw_hub,
    "matching": networks.draw_matching,
    "network": networks.draw_network,
    "planar": networks.draw_planar,
    "rooted_tree": networks.draw_rooted_tree,
    "shortest_path": networks.draw_shortest_path,
    "small_world": networks.draw_small_world,
    "spanning_tree": networks.draw_spanning_tree,
    "clock": numbers.draw_clock,
    "factor_tree": numbers.draw_factor_tree,
    "gaps": numbers.draw_gaps,
    "number_line": numbers.draw_number_line,
    "prime_count": numbers.draw_prime_count,
    "rectangles": numbers.draw_rectangles,
    "sieve": numbers.draw_sieve,
    "spiral": numbers.draw_spiral,
}
