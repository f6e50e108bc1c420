"""Every application of this package, with what is expected of it."""

from __future__ import annotations

from apps.conventions import (
    adaptive_crag,
    counter,
    deep_researcher,
    email,
    multi_agent,
    multi_modal,
    openai_agent,
    parallel_models,
    rag_graph,
    rag_lancedb,
    rag_strings,
    simple_chatbot,
    streaming_chatbot,
    streaming_overview,
    structured_course,
    tool_calling,
    tracing,
    typed_state,
)
from apps.conventions.expected import Row

__all__ = ["ROWS"]

ROWS: dict[str, Row] = {
    **streaming_chatbot.ROWS,
    **streaming_overview.ROWS,
    **multi_modal.ROWS,
    **tracing.ROWS,
    **simple_chatbot.ROWS,
    **rag_strings.ROWS,
    **rag_graph.ROWS,
    **adaptive_crag.ROWS,
    **rag_lancedb.ROWS,
    **openai_agent.ROWS,
    **tool_calling.ROWS,
    **deep_researcher.ROWS,
    **email.ROWS,
    **typed_state.ROWS,
    **structured_course.ROWS,
    **multi_agent.ROWS,
    **parallel_models.ROWS,
    **counter.ROWS,
}
"""By a name for people. The adventure, which calls `input()`, has tests of its own."""
