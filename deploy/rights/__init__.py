"""Who may do what in Kafka and MongoDB: one user a service, with what its service needs and no more."""
