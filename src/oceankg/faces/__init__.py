"""The faces: SPARQL, GraphQL, REST and pages, each thin over the read model and the query pool."""
