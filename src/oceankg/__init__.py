"""oceankg: a knowledge graph and semantic vocabulary service for the ocean."""

__version__ = "0.1.0"
