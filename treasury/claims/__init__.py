"""Who stands before the common share: capital stack, tranches, credit, funding wall."""
