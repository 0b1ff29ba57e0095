"""Access rights in Kafka and MongoDB: one user for each service, with the rights that the service needs and
no more."""
