"""What companies announce between their reports: notices as pages, text and PDFs, read by one small grammar; Strategy's updates by their own."""
