"""What price sources share: candles, split adjustment, euro rates."""
