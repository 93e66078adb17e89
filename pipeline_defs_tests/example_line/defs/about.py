"""What the Dagster UI says of the assets of a haiku."""

from collections.abc import Mapping

from pipeline_defs.defs.about import About, AboutBridge

ABOUT: Mapping[str, About | AboutBridge] = {
    "verse_theme": AboutBridge(
        "What a verse is to be about, as people gave it.",
        reported="by the run that writes the verse, and after an edit.",
        leads_to="the verse turns stale.",
    ),
    "verse": About(
        "One verse on its theme, written by a poet.",
        made_from="its theme.",
        costs="one call of the poet.",
        if_it_fails="the haiku goes on without it; change the theme, then rebuild.",
    ),
    "haiku_verses": AboutBridge(
        "All verses of a haiku, in order.",
        reported="by the run that wrote the last of them.",
        leads_to="the haiku turns stale.",
    ),
    "haiku": About(
        "The poem: its verses, line by line.",
        made_from="its verses.",
        costs="nothing.",
        if_it_fails="resume it.",
    ),
}
